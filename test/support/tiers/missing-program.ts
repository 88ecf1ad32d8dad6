/**
 * Why tests that need a program are skipped: what is missing, and the command that installs it. The gate installs all of
 * them and sets BEARWARD_TEST_SERVERS=required: there, skipped tests would go unnoticed, so it is an error.
 */
export function missingProgram(program: string, debianPackages: string): string {
  const why = `${program} is not installed; on Debian: apt-get install ${debianPackages}`
  if (process.env.BEARWARD_TEST_SERVERS === 'required') throw new Error(why)
  return why
}
