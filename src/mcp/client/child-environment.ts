/** What a child may see of our own environment. Everything else, and so every secret of ours, stays here. */
export const PASSED_ON: readonly string[] = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TMPDIR', 'TERM', 'SHELL']

/** The environment of a child: the allow-listed part of ours and what is its own. */
export function childEnvironment(
  own: Readonly<Record<string, string>>,
  ours: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const name of PASSED_ON) {
    const value = ours[name]
    if (value !== undefined) environment[name] = value
  }
  return Object.assign(environment, own)
}
