/**
 * Why tests that need a program are skipped: what is missing, and the command that installs it. The gate installs all
 * programs and sets BEARWARD_TEST_SERVERS=required. There a missing program is an error, because no one would notice the
 * skipped tests.
 */
export function missingProgram(program: string, debianPackages: string): string {
  const why = `${program} is not installed; on Debian: apt-get install ${debianPackages}`
  if (process.env.BEARWARD_TEST_SERVERS === 'required') throw new Error(why)
  return why
}
