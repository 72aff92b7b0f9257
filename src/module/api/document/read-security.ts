import { isNode } from '../../../core/schema/schema-walk.ts'
import type { SecurityScheme } from './api-document.ts'
import type { Parts } from './parts.ts'
import type { ProblemList } from './problem-list.ts'
import { entriesOf, inside, itemsOf, type Site, textOf } from './site.ts'

type Suggestion = Pick<SecurityScheme, 'suggestion' | 'reason'>

const NONE = (reason: string): Suggestion => ({ suggestion: null, reason })
const BEARER = (reason: string): Suggestion => ({ suggestion: { kind: 'bearer' }, reason })

/** How the document wants callers to say who they are, as suggestions for a credential. */
export function readSecurity(at: Site, parts: Parts, problems: ProblemList): SecurityScheme[] {
  return entriesOf(at).flatMap(([name, each]) => {
    const site = problems.attempt(() => parts.follow(each), 'warning')
    return site ? { name, description: textOf(site, 'description', 600), ...suggest(site) } : []
  })
}

function suggest(site: Site): Suggestion {
  const type = inside(site, 'type').value
  if (type === 'apiKey') return apiKey(site)
  if (type === 'basic') return { suggestion: { kind: 'basic' }, reason: '' }
  if (type === 'http') return http(inside(site, 'scheme').value)
  if (type === 'oauth2') return oauth2(site)
  if (type === 'openIdConnect') return BEARER('OpenID Connect: a token has to be obtained elsewhere.')
  if (type === 'mutualTLS') return NONE('Client certificates are not supported.')
  return NONE('Its type is none that OpenAPI knows.')
}

function apiKey(site: Site): Suggestion {
  const place = (['header', 'query', 'cookie'] as const).find((each) => each === inside(site, 'in').value)
  const name = inside(site, 'name').value
  if (!place || typeof name !== 'string' || name === '') return NONE('It does not say where the key goes.')
  return { suggestion: { kind: 'apiKey', in: place, name }, reason: '' }
}

function http(scheme: unknown): Suggestion {
  const name = typeof scheme === 'string' ? scheme.toLowerCase() : ''
  if (name === 'basic') return { suggestion: { kind: 'basic' }, reason: '' }
  return name === 'bearer' ? BEARER('') : NONE(`The HTTP scheme ${name.slice(0, 30)} is not supported.`)
}

/** A gateway has no person at hand, so of all flows only that of client credentials can be gone here. */
function oauth2(site: Site): Suggestion {
  const flows = inside(site, 'flows')
  const flow = isNode(flows.value)
    ? inside(flows, 'clientCredentials')
    : inside(site, 'flow').value === 'application'
      ? site
      : undefined
  const tokenUrl = flow && inside(flow, 'tokenUrl').value
  if (!flow || typeof tokenUrl !== 'string')
    return BEARER('OAuth without client credentials: a token has to be obtained elsewhere.')
  const { value: scopes } = inside(flow, 'scopes')
  return { suggestion: { kind: 'oauth2', tokenUrl, scopes: isNode(scopes) ? Object.keys(scopes).slice(0, 200) : [] }, reason: '' }
}

/** Names of the schemes that an operation asks for; its own word counts before that of the document. */
export function securityOf(operation: Site, root: Site): string[] {
  const own = inside(operation, 'security')
  const list = Array.isArray(own.value) ? own : inside(root, 'security')
  return [...new Set(itemsOf(list).flatMap(({ value }) => (isNode(value) ? Object.keys(value) : [])))]
}
