import { Fault, type FaultDetail } from '../../contract/fault.ts'
import type { JsonSchema, Release, Tool, ToolDefinition } from '../../contract/tool.ts'
import type { Answer, Visit } from '../../contract/visit.ts'
import { type ArgumentJudge, createArgumentJudge } from '../../core/schema/argument-judge.ts'
import type { Listing } from '../../mcp/client/list-all.ts'
import { headerFaults, paramHeaders, withoutNullParams } from '../../mcp/client/param-headers.ts'
import { becomesErrand } from './await-task.ts'
import { inspectTool, type LeftOut, type Offered } from './inspect-tool.ts'
import type { Catalogue } from './kept-list.ts'
import type { Link } from './link.ts'
import { withPageUri } from './page-uri.ts'
import type { Params, Question, TaskSupport } from './question.ts'
import { relay } from './relay.ts'
import { beginErrand } from './run-errand.ts'
import { shownUri } from './shown-uri.ts'
import { toolName } from './tool-name.ts'
import type { Uris } from './uris.ts'

/** Turn a list into tools, one by one, so that what is wrong with one stays with it. */
export function upstreamTools(link: Link, { entries: listed, cutShort }: Listing): Catalogue<UpstreamTool> {
  const tools = new Map<string, UpstreamTool>()
  const leftOut: LeftOut[] = cutShort === undefined ? [] : [{ tool: '(list)', reason: cutShort }]
  const notes: { tool: string; note: string }[] = []
  for (const [index, entry] of listed.entries()) {
    const inspection = inspectTool(entry, index)
    if ('reason' in inspection) {
      leftOut.push(inspection)
      continue
    }
    const broken = link.needsHeaders ? headerFaults(inspection.definition.inputSchema) : []
    if (broken.length > 0) {
      leftOut.push({ tool: inspection.definition.name.slice(0, 100), reason: broken.join(' ') })
      continue
    }
    const tool = new UpstreamTool(link, inspection)
    if (tools.has(tool.name)) {
      leftOut.push({ tool: tool.remoteName.slice(0, 100), reason: 'The server lists another tool by this name.' })
      continue
    }
    tools.set(tool.name, tool)
    for (const note of inspection.notes) notes.push({ tool: tool.name, note })
  }
  return { items: [...tools.values()], leftOut, notes }
}

/** One tool of an upstream, as the catalog holds it. */
export class UpstreamTool implements Tool, Question {
  readonly kind = 'dynamic'
  readonly method = 'tools/call'
  readonly source: string
  readonly name: string
  readonly localName: string
  /** What it is called with the prefix of its upstream; its right is to that name, whatever it is shown as. */
  readonly prefixedName: string
  /** What the server calls it. */
  readonly remoteName: string
  readonly permit: string
  readonly effect: Tool['effect']
  readonly idempotent: boolean
  readonly definition: ToolDefinition
  readonly taskSupport: TaskSupport | undefined
  readonly shownDefinition?: ToolDefinition
  readonly idleTimeoutMs: number
  readonly maxTimeoutMs: number
  readonly #link: Link
  readonly #offered: Offered
  readonly #judge: ArgumentJudge | undefined
  #prefixed: UpstreamTool | undefined

  constructor(link: Link, offered: Offered, shown: { name?: string; definition?: ToolDefinition } = {}) {
    const { alias, definition: upstream } = link
    const { definition, judged } = offered
    const rule = upstream.tools[definition.name] ?? {}
    const called = rule.rename ?? definition.name
    const { name: prefixedName, localName } = toolName(upstream.prefix ?? alias, called)
    const name = shown.name ?? (upstream.names === 'always' ? prefixedName : toolName('', called).name)
    this.#link = link
    this.#offered = offered
    this.source = alias
    this.name = name
    this.prefixedName = prefixedName
    this.localName = localName
    this.remoteName = definition.name
    this.permit = `tool:${prefixedName}`
    this.effect = rule.effect ?? hintedEffect(definition)
    this.idempotent = rule.idempotent ?? (this.effect === 'read' || definition.annotations?.['idempotentHint'] === true)
    this.definition = { ...definition, name }
    this.taskSupport = taskSupportOf(definition)
    if (shown.definition) this.shownDefinition = shown.definition
    this.idleTimeoutMs = rule.idleTimeoutMs ?? upstream.idleTimeoutMs
    this.maxTimeoutMs = Math.max(rule.maxTimeoutMs ?? upstream.maxTimeoutMs, this.idleTimeoutMs)
    this.#judge = judged ? createArgumentJudge(definition.inputSchema as JsonSchema) : undefined
  }

  /** The same by another name, or with another URI of its page where other upstreams have that, too. */
  shown(name: string, uris: Uris): UpstreamTool {
    const definition = withPageUri(this.definition, (uri) => (uris.isShared(uri) ? shownUri(this.source, uri) : uri))
    if (name === this.name && definition === this.definition) return this
    return new UpstreamTool(this.#link, this.#offered, { name, ...(definition !== this.definition && { definition }) })
  }

  /** The same by the name that begins with its upstream's prefix. */
  prefixed(): UpstreamTool {
    if (this.name === this.prefixedName) return this
    this.#prefixed ??= new UpstreamTool(this.#link, this.#offered, { name: this.prefixedName })
    return this.#prefixed
  }

  parse(raw: unknown): unknown {
    const args = raw ?? {}
    if (typeof args !== 'object' || Array.isArray(args))
      throw new Fault('invalid', `The arguments of ${this.name} must be an object.`, { details: NO_OBJECT })
    this.#judge?.(withoutNullParams(this.definition.inputSchema, args))
    return args
  }

  slot(visit: Visit): Release | Promise<Release> {
    return this.#link.place(visit)
  }

  run(visit: Visit): Promise<Answer> {
    if (becomesErrand(this.#link.era, this, visit)) return beginErrand(this.#link, this, visit)
    return relay(this.#link, this, visit)
  }

  params(visit: Visit): Params {
    return { name: this.remoteName, arguments: visit.arguments }
  }

  headers(visit: Visit): Readonly<Record<string, string>> | undefined {
    return paramHeaders(this.definition.inputSchema, visit.arguments)
  }
}

const NO_OBJECT: readonly FaultDetail[] = [{ path: '', message: 'An object was expected' }]

function taskSupportOf(definition: ToolDefinition): TaskSupport | undefined {
  const support = (definition['execution'] as Params | undefined)?.['taskSupport']
  return support === 'optional' || support === 'required' ? support : undefined
}

/** The server's own word, which nobody has checked: an operator's rule wins over it. */
function hintedEffect({ annotations }: ToolDefinition): Tool['effect'] {
  if (annotations?.['readOnlyHint'] === true) return 'read'
  return annotations?.['destructiveHint'] === false ? 'write' : 'erase'
}
