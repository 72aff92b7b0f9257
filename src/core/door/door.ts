import type { Caller } from '../../contract/caller.ts'
import type { Fault } from '../../contract/fault.ts'
import type { Log } from '../../contract/house.ts'
import type { Meter } from '../../contract/meter.ts'
import type { Callable, Listed, ListedKind, Release, Tool } from '../../contract/tool.ts'
import type { Answer, Entry, Visit } from '../../contract/visit.ts'
import type { Catalog } from '../catalog.ts'
import { scrubFault, scrubValue } from '../scrub-value.ts'
import { refusedWrite } from '../store-fault.ts'
import { type DoorMetrics, measureDoor } from './door.metrics.ts'
import { answered, refused, toFault } from './ending.ts'
import { find, unknownTool } from './find.ts'
import type { GuardChain } from './guard-chain.ts'
import { may, permit } from './permit.ts'
import { Stopwatch } from './stopwatch.ts'
import { Traffic } from './traffic.ts'

/** The one way to call anything. Every transport and every lane goes through it. */
export interface Door {
  /**
   * Pass all stages in their order and leave one record, whatever happens.
   *
   * @throws Fault, never anything else
   */
  enter(caller: Caller, toolName: string, args: unknown, entry: Entry): Promise<Answer>
  /** The tools that a caller would be let through to, sorted by name; the same array while neither rights nor catalog change. */
  visible(caller: Caller): readonly Tool[]
  /** The same of what is offered besides tools. */
  visibleListed(caller: Caller, kind: ListedKind): readonly Listed[]
  /** Visits that have not ended yet. */
  readonly inFlight: number
  /** Refuse every further visit with `unavailable` but parts of such as are in flight, and wait for these. @returns whether all ended within `timeoutMs` */
  drain(timeoutMs: number): Promise<boolean>
}

interface DoorParts {
  readonly catalog: Catalog
  readonly guards: GuardChain
  readonly nowMs: () => number
  readonly nextId: () => number
  readonly log: Log
  readonly meter: Meter
}

interface Workings extends DoorParts {
  readonly measure: DoorMetrics
}

interface Passage {
  readonly visit: Visit
  readonly watch: Stopwatch
  begun: boolean
}

/** Build the door once; a visit constructs nothing but its own record. */
export function createDoor(parts: DoorParts): Door {
  const traffic = new Traffic()
  const workings: Workings = { ...parts, measure: measureDoor(parts.meter, () => traffic.inFlight) }
  return {
    async enter(caller, toolName, args, entry) {
      traffic.begin()
      const watch = new Stopwatch()
      const visit: Visit = {
        ...entry,
        ...scrubbedReports(entry),
        id: parts.nextId(),
        startedAt: parts.nowMs(),
        caller,
        tool: parts.catalog.find(toolName) ?? unknownTool(toolName),
        arguments: args,
        spans: watch.spans,
      }
      const passage: Passage = { visit, watch, begun: false }
      try {
        traffic.admit(entry.isPart ?? false)
        const answer = await pass(workings, passage)
        await record(workings, passage, answer)
        return answer
      } catch (thrown) {
        throw await recordFault(workings, passage, thrown)
      } finally {
        traffic.end()
      }
    },
    visible: visibleAmong(parts, ({ catalog }) => catalog.all()),
    visibleListed: visibleListed(parts),
    get inFlight() {
      return traffic.inFlight
    },
    drain: (timeoutMs) => traffic.drain(timeoutMs),
  }
}

/** Stages 1 to 12. The order is the plan's and is code, not configuration. */
async function pass({ catalog, guards }: DoorParts, passage: Passage): Promise<Answer> {
  const { visit, watch } = passage
  // Where there is nothing to wait for, waiting would still cost a turn.
  let waiting: void | Promise<void>

  find(catalog, visit.tool.name)
  watch.enter('kill')
  waiting = guards.check('kill', visit)
  if (waiting) await waiting
  watch.enter('permit')
  permit(visit.caller, visit.tool)
  watch.enter('limit')
  waiting = guards.check('limit', visit)
  if (waiting) await waiting
  watch.enter('parse')
  if (visit.malformed) throw visit.malformed
  visit.arguments = visit.tool.parse(visit.arguments)
  watch.enter('approve')
  waiting = guards.check('approve', visit)
  if (waiting) await waiting
  watch.enter('budget')
  waiting = guards.check('budget', visit)
  if (waiting) await waiting
  watch.enter('screen_arguments')
  waiting = guards.check('screenArguments', visit)
  if (waiting) await waiting
  watch.enter('record')
  passage.begun = true
  waiting = guards.check('begin', visit)
  if (waiting) await waiting
  const told = await runInSlot(visit, watch)
  // Before it is shaped: what is kept by reference is read part by part, and a value might lie across two of them.
  const answer = visit.tool.reveals ? told : scrubValue(told)
  watch.enter('shape')
  const shaping = guards.shape('shape', visit, answer)
  const shaped = shaping instanceof Promise ? await shaping : shaping
  watch.enter('screen_result')
  return guards.shape('screenResult', visit, shaped)
}

/** What a tool reports and asks while it runs leaves the house as well. */
function scrubbedReports({ progress, notify, ask }: Entry): Pick<Entry, 'progress' | 'notify' | 'ask'> {
  return {
    ...(progress && { progress: (report) => progress(scrubValue(report)) }),
    ...(notify && { notify: (method, params) => notify(method, scrubValue(params)) }),
    ...(ask && { ask: (method, params, signal) => ask(method, scrubValue(params), signal) }),
  }
}

async function runInSlot(visit: Visit, watch: Stopwatch): Promise<Answer> {
  watch.enter('slot')
  const taken = visit.tool.slot?.(visit)
  const release: Release | undefined = taken instanceof Promise ? await taken : taken
  try {
    watch.enter('run')
    visit.signal.throwIfAborted()
    return await visit.tool.run(visit)
  } finally {
    release?.()
  }
}

async function record({ guards, measure }: Workings, { visit, watch }: Passage, answer: Answer): Promise<void> {
  watch.enter('record')
  const ending = answered(answer, watch.stop())
  const waiting = guards.finish(visit, ending)
  measure(visit, ending)
  if (waiting) await waiting
}

/** A refusal leaves a record like a success: one that was refused before it began is begun now. @returns what the caller is told */
async function recordFault({ guards, log, measure }: Workings, passage: Passage, thrown: unknown): Promise<Fault> {
  const { visit, watch } = passage
  const { stage } = watch
  const fault = scrubFault(toFault(thrown, visit.signal))
  if (fault.code === 'internal')
    log.error({ err: fault.cause, tool: visit.tool.name, requestId: visit.requestId, stage }, 'door.bug')
  else if (refusedWrite(fault.cause))
    log.error({ err: fault.cause, tool: visit.tool.name, requestId: visit.requestId, stage }, 'door.write_failed')
  try {
    if (!passage.begun) await guards.check('begin', visit)
    watch.enter('record')
    await guards.finish(visit, refused(fault, stage, watch.stop()))
  } catch (cause) {
    log.error({ err: cause, tool: visit.tool.name, requestId: visit.requestId }, 'door.record_failed')
  }
  measure(visit, { outcome: fault.code, code: fault.code, stage, durationMs: watch.elapsedMs })
  return fault
}

function visibleAmong<Item extends Callable>(
  { catalog, nowMs }: DoorParts,
  all: (parts: Pick<DoorParts, 'catalog'>) => readonly Item[],
): (caller: Caller) => readonly Item[] {
  const cache = new WeakMap<Caller['grants'], { readonly version: number; readonly items: readonly Item[] }>()
  return (caller) => {
    const known = cache.get(caller.grants)
    if (known && known.version === catalog.version && nowMs() < caller.grants.expiresAt) return known.items
    const items = all({ catalog }).filter((item) => may(caller, item))
    cache.set(caller.grants, { version: catalog.version, items })
    return items
  }
}

function visibleListed(parts: DoorParts): Door['visibleListed'] {
  const ofKind = (kind: ListedKind) => visibleAmong(parts, ({ catalog }) => catalog.listed(kind))
  const kinds = { prompt: ofKind('prompt'), resource: ofKind('resource'), template: ofKind('template') }
  return (caller, kind) => kinds[kind](caller)
}
