import { z } from 'zod'

/** Something that a person should look at. */
export const Attention = z.object({
  level: z.enum(['bad', 'warn']),
  kind: z.enum(['upstream', 'left_out', 'calls', 'secret', 'api', 'lane', 'check']),
  subject: z.string().describe('Alias of the upstream or API, or name of the tool, secret, lane, or of what was checked.'),
  title: z.string(),
  detail: z.string().describe('What is known, and the way out where there is one.'),
  outcome: z.string().optional().describe('How the calls ended.'),
  check: z.string().optional().describe('The check of the monitor that found it.'),
})

type Need = z.output<typeof Attention>

/** What upstream_list tells of one upstream. */
export interface SeenUpstream {
  readonly alias: string
  readonly state: string
  readonly enabled: boolean
  readonly lastError: string | null
  readonly leftOutCount: number
}

/** What api_list tells of one API. */
interface SeenApi {
  readonly alias: string
  readonly enabled: boolean
  /** A version of its document that waits to be confirmed. */
  readonly heldVersion: number | null
  readonly fetchFault: string | null
}

/** What audit_call_list tells of one call. */
interface SeenCall {
  readonly tool: string
  readonly outcome: string
  readonly message: string | null
}

/** What secret_list tells of one secret. */
interface SeenSecret {
  readonly name: string
  readonly state: string
  readonly issuer: string
  readonly expiresAt: number | null
}

/** What monitor_checks tells of one check. */
interface SeenCheck {
  readonly check: string
  readonly subject: string
  readonly state: string
  readonly reason: string
}

/** All that is looked at. */
export interface Seen {
  readonly upstreams?: readonly SeenUpstream[]
  readonly failed?: readonly SeenCall[]
  readonly secrets?: readonly SeenSecret[]
  readonly apis?: readonly SeenApi[]
  readonly checks?: readonly SeenCheck[]
}

/** Groups of failed calls that are listed. */
const MAX_GROUPS = 5

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

/** What needs somebody now, worst first. Pure. */
export function attentionFor({ upstreams = [], failed = [], secrets = [], apis = [], checks = [] }: Seen): Need[] {
  const down = upstreams.filter(({ enabled, state }) => enabled && state === 'error')
  const leftOut = upstreams.filter(({ leftOutCount }) => leftOutCount > 0)
  const needs = [
    ...down.map(({ alias, lastError }) => ({
      ...{ level: 'bad' as const, kind: 'upstream' as const, subject: alias, title: `${alias} is down` },
      detail: lastError ?? 'It gave no reason; its log may.',
    })),
    ...checks.flatMap(ofCheck),
    ...endingSecrets(secrets),
    ...apis.filter(({ enabled }) => enabled).flatMap(ofApi),
    ...failedGroups(failed),
    ...leftOut.map(({ alias, leftOutCount }) => ({
      ...{ level: 'warn' as const, kind: 'left_out' as const, subject: alias },
      title: `${counted(leftOutCount, 'entry', 'entries')} of the lists of ${alias} ${leftOutCount === 1 ? 'is' : 'are'} left out`,
      detail: 'Something is wrong with their definitions; all others work.',
    })),
  ]
  return needs.sort((a, b) => Number(b.level === 'bad') - Number(a.level === 'bad'))
}

/** Upstreams that are down are told with what they said; here is what else the monitor found. */
function ofCheck({ check, subject, state, reason }: SeenCheck): Need[] {
  if (state === 'ok' || check === 'upstream') return []
  const isLane = check === 'lane'
  return [
    {
      level: state === 'failing' ? 'bad' : 'warn',
      kind: isLane ? 'lane' : 'check',
      subject,
      title: reason,
      detail: isLane ? 'Its page shows what waits, and resumes or retries it.' : 'Its history in the monitor shows since when.',
      check,
    },
  ]
}

function endingSecrets(secrets: readonly SeenSecret[]): Need[] {
  return secrets
    .filter(({ state }) => state === 'expiring' || state === 'expired')
    .map(({ name, state, issuer, expiresAt }) => ({
      level: state === 'expired' ? 'bad' : 'warn',
      kind: 'secret',
      subject: name,
      title: `Secret ${name} ${state === 'expired' ? 'has ended' : 'ends soon'}`,
      detail: `${expiresAt === null ? '' : `${new Date(expiresAt).toISOString().slice(0, 10)}. `}Get a new value ${issuer ? `at ${issuer}` : 'where it came from'} and set it.`,
    }))
}

function ofApi({ alias, heldVersion, fetchFault }: SeenApi): Need[] {
  const about = { level: 'warn' as const, kind: 'api' as const, subject: alias }
  const waits = {
    title: `A new document of ${alias} breaks something and waits`,
    detail: `Calls go on with the one before until somebody confirms or discards version ${heldVersion}.`,
  }
  return [
    ...(heldVersion === null ? [] : [{ ...about, ...waits }]),
    ...(fetchFault === null ? [] : [{ ...about, title: `The document of ${alias} could not be fetched`, detail: fetchFault }]),
  ]
}

function failedGroups(failed: readonly SeenCall[]): Need[] {
  // Whoever cancels a call knows.
  const unexpected = failed.filter(({ outcome }) => outcome !== 'cancelled')
  const groups = [...Map.groupBy(unexpected, ({ tool, outcome }) => `${tool}\n${outcome}`).values()]
  return groups
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_GROUPS)
    .map((calls) => {
      const { tool, outcome, message } = calls[0]!
      const title = `${counted(calls.length, 'call', 'calls')} of ${tool} ended with ${outcome} in the last hour`
      return {
        level: 'warn',
        kind: 'calls',
        subject: tool,
        title,
        detail: message ?? 'The tool answered with an error; the call shows it.',
        outcome,
      }
    })
}
