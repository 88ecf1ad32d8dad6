import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { freePort } from '../http/free-port.ts'
import { missingProgram } from '../tiers/missing-program.ts'
import { selfSigned } from '../tls/untrusted-server.ts'

const PROGRAM = ['nginx', '/usr/sbin/nginx'].find((path) => spawnSync(path, ['-v']).status === 0)

/** Tests behind a real nginx. Without one, they are skipped with the reason. */
export function describeWithNginx(name: string, tests: () => void): void {
  if (PROGRAM !== undefined) describe(name, tests)
  else describe.skip(`${name} (skipped: ${missingProgram('nginx', 'nginx-light')})`, tests)
}

/** A proxy that terminates TLS, requests a client certificate by any signer, and forwards requests as plain HTTP. */
export interface Nginx {
  /** Its port for each upstream, in order. */
  readonly ports: readonly number[]
  stop(): void
}

/** @param lines additional directives of each location */
export async function startNginx(upstreams: readonly number[], lines: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'bearward-nginx-'))
  const { key, cert } = selfSigned('127.0.0.1')
  writeFileSync(join(folder, 'key.pem'), key)
  writeFileSync(join(folder, 'cert.pem'), cert)
  // Another process may take a port before nginx does.
  for (let attempt = 1; attempt <= 5; attempt++) {
    const ports = await Promise.all(upstreams.map(freePort))
    writeFileSync(join(folder, 'nginx.conf'), configuration(upstreams, ports, lines))
    const child = spawn(PROGRAM as string, ['-e', 'stderr', '-p', folder, '-c', 'nginx.conf'], { stdio: 'ignore' })
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    const stop = () => {
      process.off('exit', kill)
      kill()
      rmSync(folder, { recursive: true, force: true })
    }
    if (await isReady(ports, () => child.exitCode === null)) return { ports, stop }
    process.off('exit', kill)
  }
  throw new Error(`nginx does not start: ${readFileSync(join(folder, 'nginx.conf'), 'utf8')}`)
}

/** One process in the foreground, which a signal stops. */
const configuration = (upstreams: readonly number[], ports: readonly number[], lines: string) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  ssl_certificate cert.pem;
  ssl_certificate_key key.pem;
  ssl_verify_client optional_no_ca;
  ${upstreams
    .map(
      (upstream, at) => `server {
    listen 127.0.0.1:${ports[at]} ssl;
    location / {
      proxy_pass http://127.0.0.1:${upstream};
      ${lines}
    }
  }`,
    )
    .join('\n')}
}
`

async function isReady(ports: readonly number[], isAlive: () => boolean): Promise<boolean> {
  while (isAlive()) {
    const open = await Promise.all(ports.map(isOpen))
    if (open.every(Boolean)) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(() => resolve(true)))
    socket.on('error', () => resolve(false))
  })
