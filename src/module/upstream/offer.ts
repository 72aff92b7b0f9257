import { Fault } from '../../contract/fault.ts'
import type { Listed, ListedKind, Release } from '../../contract/tool.ts'
import type { Answer, Visit } from '../../contract/visit.ts'
import { parseInput } from '../../core/parse-input.ts'
import { PromptArguments, ResourceArguments } from './arguments.ts'
import { hasDotSegments } from './dot-segments.ts'
import type { Link } from './link.ts'
import { offerName } from './offer-name.ts'
import type { Params, Question } from './question.ts'
import { relay } from './relay.ts'
import { requireNotTaken } from './require-not-taken.ts'
import { readShownUri, shownUri } from './shown-uri.ts'
import { readTemplate, type UriTemplate } from './uri-template.ts'

/** A prompt, resource or template of an upstream, as the catalog holds it; also a resource that stands in no list. */
export class Offer implements Listed, Question {
  readonly kind: ListedKind
  readonly source: string
  readonly name: string
  readonly localName: string
  readonly shownName: string
  readonly permit: string
  readonly effect = 'read'
  readonly idempotent = true
  readonly definition: Params
  readonly method: string
  readonly #link: Link
  #template: UriTemplate | undefined

  /** @param isShared whether another upstream lists one by the same URI */
  constructor(link: Link, kind: ListedKind, localName: string, definition: Params, isShared = false) {
    this.#link = link
    this.kind = kind
    this.source = link.alias
    this.localName = localName
    this.name = offerName(kind, link.alias, localName)
    this.permit = this.name
    this.shownName = kind === 'prompt' ? `${link.alias}__${localName}` : isShared ? shownUri(link.alias, localName) : localName
    this.definition = definition
    this.method = kind === 'prompt' ? 'prompts/get' : 'resources/read'
  }

  /** Its name, read as a template. */
  get template(): UriTemplate {
    this.#template ??= readTemplate(this.localName)
    return this.#template
  }

  get idleTimeoutMs(): number {
    return this.#link.definition.idleTimeoutMs
  }

  get maxTimeoutMs(): number {
    return Math.max(this.#link.definition.maxTimeoutMs, this.idleTimeoutMs)
  }

  /** The same, as it is shown where another upstream lists its URI as well. */
  shared(): Offer {
    return new Offer(this.#link, this.kind, this.localName, this.definition, true)
  }

  parse(raw: unknown): unknown {
    if (this.kind === 'prompt') return parseInput(PromptArguments, raw ?? {})
    return { uri: this.uriOf(parseInput(ResourceArguments, raw ?? {}).uri) }
  }

  slot(visit: Visit): Release | Promise<Release> {
    return this.#link.place(visit)
  }

  async run(visit: Visit): Promise<Answer> {
    if (this.kind !== 'prompt') requireNotTaken(visit.caller, this.source, (visit.arguments as { uri: string }).uri)
    return relay(this.#link, this, visit)
  }

  params({ arguments: args }: Visit): Params {
    if (this.kind !== 'prompt') return args as Params
    return { name: this.localName, ...(Object.keys(args as Params).length > 0 && { arguments: args }) }
  }

  /**
   * The URI that a client means, as the server knows it.
   *
   * @throws Fault `invalid` for one that this cannot have: whoever may read this must not read another by it
   */
  uriOf(asked: string | undefined): string {
    const shown = asked === undefined ? undefined : readShownUri(asked)
    const uri = shown?.alias === this.source ? shown.uri : asked
    if (this.kind === 'resource' && (uri === undefined || uri === this.localName)) return this.localName
    if (this.kind === 'template' && uri !== undefined && this.template.fits(uri) && !hasDotSegments(uri)) return uri
    const message = uri === undefined ? 'The URI of a resource is missing.' : `The URI does not fit ${this.localName}.`
    throw new Fault('invalid', message, { details: [{ path: '/uri', message }] })
  }
}
