import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'

/** @returns {string} what the figures depend on, in one paragraph; nothing that identifies the machine or its user */
export function describeMachine() {
  const cores = cpus()
  return [
    `Node ${process.versions.node} (V8 ${process.versions.v8}, OpenSSL ${process.versions.openssl})`,
    `${process.platform} ${process.arch}`,
    `${cores.length} × ${cores[0]?.model.trim() || 'unknown processor'}`,
    `load average at the start ${loadavg()[0].toFixed(1)}`,
    new Date().toISOString().slice(0, 10),
  ].join(', ')
}

/**
 * @param {readonly string[]} names of packages
 * @param {string} build the fingerprint of bearward's
 * @returns {string} the same with the exact versions that are installed
 */
export function describeVersions(names, build) {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return [`bearward ${own.version} (build ${build})`, ...names.map((name) => `${name} ${dependencies[name]}`)].join(
    ', ',
  )
}
