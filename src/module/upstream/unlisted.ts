import type { Callable } from '../../contract/tool.ts'
import { askOf } from './ask.ts'
import { BROUGHT, broughtAnswersOf } from './brought-answers.ts'
import { completionOf } from './completion.ts'
import { hasDotSegments } from './dot-segments.ts'
import type { Link } from './link.ts'
import { Offer } from './offer.ts'
import { errandOf } from './run-errand.ts'
import { subscriptionOf } from './subscription.ts'
import { taskListOf, taskOf } from './task.ts'
import type { Tasks } from './tasks.ts'

/** What is searched. */
interface Where {
  /** The upstream by an alias. */
  readonly linkOf: (alias: string) => Link | undefined
  readonly tasks: Tasks
}

/** Longer than any URI that is listed, with what stands before it. */
const MAX_NAME_CHARS = 9_000

/**
 * What can be called by a name of the door and stands in no list: completions, subscriptions, questions to clients, and resources that only
 * their server knows of.
 */
export function findUnlisted(name: string, { linkOf, tasks }: Where): Callable | undefined {
  if (name.length > MAX_NAME_CHARS) return undefined
  const [kind = '', rest] = split(name, ':')
  if (rest === undefined) return undefined
  if (kind === 'completion' || kind === 'subscription') {
    const found = findOffer(rest, linkOf)
    if (found === undefined || (kind === 'subscription' && found.offer.kind === 'prompt')) return undefined
    return kind === 'completion' ? completionOf(found.link, found.offer) : subscriptionOf(found.link, found.offer)
  }
  if (kind === 'task') return findTask(rest, tasks)
  if (kind === 'resource') return findOffer(name, linkOf)?.offer
  if (kind !== 'request') return undefined
  const [alias = '', method] = split(rest, '__')
  const link = linkOf(alias)
  if (link === undefined || method === undefined) return undefined
  return method === BROUGHT ? broughtAnswersOf(link) : askOf(link, method)
}

function findTask(id: string, tasks: Tasks): Callable | undefined {
  if (id === 'list') return taskListOf(tasks)
  const task = tasks.find(id)
  if (task) return taskOf(task)
  const errand = tasks.errands.find(id)
  return errand && errandOf(errand)
}

/** A prompt, template or resource by its name at the door; a resource that is not listed is its server's to know. */
function findOffer(
  name: string,
  linkOf: (alias: string) => Link | undefined,
): { readonly link: Link; readonly offer: Offer } | undefined {
  const [kind = '', rest] = split(name, ':')
  const [alias = '', localName = ''] = split(rest ?? '', '__')
  const link = linkOf(alias)
  if (link === undefined || localName === '') return undefined
  const { prompt, resource, template } = link.lists
  const lists = kind === 'prompt' ? [prompt] : kind === 'resource' ? [resource, template] : []
  const offer = lists.map((list) => list.find(localName)).find((one) => one !== undefined)
  const own = offer ?? findOwn(link, kind, localName)
  if (own !== undefined) return { link, offer: own }
  if (kind !== 'resource' || !link.hasResources || !localName.includes(':') || hasDotSegments(localName)) return undefined
  return { link, offer: new Offer(link, 'resource', localName, { uri: localName, name: localName }) }
}

/** One that only the process of some session lists. */
function findOwn({ ownLists }: Link, kind: string, localName: string): Offer | undefined {
  if (ownLists.size === 0) return undefined
  const kinds = kind === 'prompt' ? (['prompt'] as const) : kind === 'resource' ? (['resource', 'template'] as const) : []
  for (const each of kinds) {
    const own = ownLists.findOffer(each, localName)
    if (own !== undefined) return own
  }
  return undefined
}

/** A text up to a separator, and after it; the latter is `undefined` where there is none. */
function split(text: string, separator: string): readonly [string, string | undefined] {
  const index = text.indexOf(separator)
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + separator.length)]
}
