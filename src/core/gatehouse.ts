import type { OpenQueue, QueueOptions } from '../../queue/open-queue.ts'
import type { Authenticator } from '../contract/authenticator.ts'
import { egressSettings } from '../contract/egress.ts'
import type { Events, House, Keys, Log } from '../contract/house.ts'
import type { Closable, Module, Service } from '../contract/module.ts'
import type { AnyOperation } from '../contract/operation.ts'
import type { Page } from '../contract/page.ts'
import type { ProcessState } from '../contract/process.ts'
import type { PublicKeys } from '../contract/public-keys.ts'
import type { HttpRecorder } from '../contract/request.ts'
import type { Secrets } from '../contract/secrets.ts'
import type { SessionBook } from '../contract/session-book.ts'
import type { Tool } from '../contract/tool.ts'
import type { Visit } from '../contract/visit.ts'
import { type Catalog, createCatalog, type OpenCatalog } from './catalog.ts'
import { storePath } from './database.ts'
import { createDoor, type Door } from './door/door.ts'
import { guardChain } from './door/guard-chain.ts'
import { createEvents } from './events.ts'
import { createIds } from './id.ts'
import { createMeter, type OpenMeter } from './meter.ts'
import { type OperationCalls, operationTool } from './operation-tool.ts'
import { partOf, resultOf } from './part-of.ts'
import { measureProcesses } from './process.metrics.ts'
import { measureQueue } from './queue.metrics.ts'
import { stopServices } from './stop-services.ts'
import { storeFault } from './store-fault.ts'
import { createStores } from './stores.ts'
import { watchLedgerIn } from './watch-ledger.ts'

/** How long running jobs may go on while the gateway stops, in ms. */
const JOBS_DRAIN_MS = 5_000

/** An operation and where it comes from. */
export interface InstalledOperation {
  readonly module: string
  readonly key: string
  /** `<module>_<key>`, the name of its tool. */
  readonly name: string
  readonly operation: AnyOperation
  readonly tool: Tool
}

interface InstalledPage {
  readonly module: string
  readonly key: string
  readonly page: Page
}

/** The whole house, open: what the transports stand on. */
export interface Gatehouse {
  readonly catalog: Catalog
  readonly door: Door
  readonly authenticator: Authenticator
  readonly recordHttp: HttpRecorder
  /** Where sessions of MCP clients are kept; absent where no module does. */
  readonly sessionBook: SessionBook | undefined
  readonly events: Events
  readonly log: Log
  readonly nowMs: () => number
  readonly dataDir: string
  readonly version: string
  readonly keys: Keys
  readonly operations: readonly InstalledOperation[]
  readonly pages: readonly InstalledPage[]
  readonly queue: OpenQueue
  readonly meter: OpenMeter
  /** Of all modules. */
  readonly publicKeys: PublicKeys
  /** A module's store, for the composition root and its tests. @throws TypeError for an unknown module */
  store<Store extends Closable>(module: string): Store
  /** Start the services of all modules, in order. */
  start(): Promise<void>
  /** Stop the services in reverse order, then close the stores. Safe to call twice. */
  stop(): Promise<void>
}

/** What differs between tests and production. */
export interface GatehouseOptions {
  readonly modules: readonly Module[]
  /** Absolute folder, or `:memory:`. */
  readonly dataDir: string
  /** Each module's section of the configuration, parsed; and `egress`, which is everybody's. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly keys: Keys
  readonly nowMs: () => number
  readonly log: Log
  readonly version: string
  /** Build the queue. The house looks after its ledgers as after its stores, and hears of its changes. */
  readonly openQueue: (parts: Required<Pick<QueueOptions, 'watch' | 'onChange'>>) => Promise<OpenQueue>
  /** The processes of this gateway, the front first. */
  readonly processes: () => readonly ProcessState[]
}

interface Opened {
  readonly module: Module
  readonly store: Closable
}

/** Open every module's store, put their tools into the catalog and build the door. */
export async function openGatehouse(options: GatehouseOptions): Promise<Gatehouse> {
  const { modules, nowMs, log } = options
  requireUnique(modules)
  const events = createEvents(log)
  const nextId = createIds(nowMs)
  // Modules are given the house before the door exists; they use these only once it does.
  let catalog: OpenCatalog
  let door: Door
  let authenticator: Authenticator
  let secrets: Secrets | undefined
  const meter = createMeter()
  const egress = egressSettings.parse(options.settings['egress'] ?? {})
  const stores = createStores(meter)
  const queue = await options.openQueue({
    watch: watchLedgerIn(stores),
    onChange: (lane) => events.publish('queue', { lane }),
  })

  const callAs = async (visit: Visit, name: string, input: object) => {
    const { caller, transport, requestId, sessionKey, signal, depth = 0, id: parentId } = visit
    const entry = { transport, requestId, sessionKey, signal, depth, parentId, isPart: true }
    const answer = await door.enter(caller, name, input, entry)
    if (answer.kind !== 'data') throw new TypeError(`${name} is not an operation; ask for it with scope.relay.`)
    return answer.data
  }
  const relayAs = async (visit: Visit, name: string, args: unknown) =>
    resultOf(name, await door.enter(visit.caller, name, args, partOf(visit)))
  const houseOf = (module: Module): House => ({
    dataDir: options.dataDir,
    settings: options.settings[module.name] ?? module.settings?.parse({}),
    version: options.version,
    nowMs,
    nextId,
    log: log.child({ module: module.name }),
    events,
    keys: options.keys,
    permits: () => permitsOf(modules, opened),
    tools: () => catalog.all(),
    tool: (name) => catalog.findTool(name),
    find: (name) => catalog.find(name),
    listed: (kind) => catalog.listed(kind),
    resourceNames: (uri, source) => catalog.resourceNames(uri, source),
    enter: (caller, toolName, args, entry) => door.enter(caller, toolName, args, entry),
    callerFor: (ref) => authenticator.find(ref),
    secrets: forwardSecrets(() => secrets),
    egress,
    queue,
    meter,
    stores,
    processes: options.processes,
    background: (event, work) => void work.catch((cause: unknown) => log.error({ err: cause }, event)),
  })

  const onOpen = ({ module, store }: Opened): void => {
    if (module.secrets) secrets = module.secrets(store)
  }
  const opened = await openStores(modules, houseOf, onOpen).catch(async (thrown: unknown) => {
    await queue.stop(0)
    throw thrown
  })
  authenticator = faceOf(opened, 'authenticator')
  const operations = opened.flatMap(({ module, store }) => install(module, store, nowMs, { callAs, relayAs }))
  catalog = createCatalog({ operations: operations.map(({ tool }) => tool), events, log })
  for (const { module, store } of opened) if (module.source) catalog.addSource(module.name, module.source(store))
  door = createDoor({
    catalog,
    guards: guardChain(opened.flatMap(({ module, store }) => module.guards?.(store) ?? [])),
    nowMs,
    nextId,
    log,
    meter,
  })
  measureQueue(meter, queue, nowMs)
  measureProcesses(meter, options.processes, nowMs)

  const stopAll = async (): Promise<void> => {
    // Jobs that run may need what services keep up, e.g. upstreams.
    await queue.drain(JOBS_DRAIN_MS)
    // What a job's end writes goes into the stores, so these close last.
    await stopServices(services, [...opened.map(({ store }) => store), { close: () => queue.stop(0) }], log)
  }
  const services: Service[] = []
  let stopping: Promise<void> | undefined
  return {
    catalog,
    door,
    authenticator,
    recordHttp: recorderOf(opened),
    sessionBook: sessionBookOf(opened),
    events,
    log,
    nowMs,
    dataDir: options.dataDir,
    version: options.version,
    keys: options.keys,
    operations,
    queue,
    meter,
    publicKeys: publicKeysOf(opened),
    pages: modules.flatMap((module) => Object.entries(module.pages).map(([key, page]) => ({ module: module.name, key, page }))),
    store: <Store extends Closable>(name: string) => storeOf(opened, name) as Store,
    async start() {
      await queue.start()
      for (const { module, store } of opened) {
        const service = module.service?.(store)
        if (!service) continue
        services.push(service)
        await service.start()
      }
    },
    stop() {
      stopping ??= stopAll()
      return stopping
    },
  }
}

function permitsOf(modules: readonly Module[], opened: readonly Opened[]): readonly string[] {
  const asked = modules.flatMap(({ operations }) => Object.values(operations).map(({ permit }) => permit))
  return [...new Set([...asked, ...opened.flatMap(({ module, store }) => module.permits?.(store) ?? [])])].sort()
}

/** The module that keeps secrets is open before those that use it; without one, there is none to look up. */
function forwardSecrets(kept: () => Secrets | undefined): Secrets {
  const required = (): Secrets => {
    const secrets = kept()
    if (!secrets) throw new TypeError('This house has no module that keeps secrets, or it is opened too late.')
    return secrets
  }
  return {
    resolve: (text, user) => required().resolve(text, user),
    variables: (path, user) => required().variables(path, user),
    run: (argv, user) => required().run(argv, user),
    declare: (by, texts) => required().declare(by, texts),
  }
}

async function openStores(
  modules: readonly Module[],
  houseOf: (module: Module) => House,
  onOpen: (one: Opened) => void,
): Promise<Opened[]> {
  const opened: Opened[] = []
  try {
    for (const module of modules) {
      const one = { module, store: await openStore(module, houseOf(module)) }
      opened.push(one)
      onOpen(one)
    }
    return opened
  } catch (thrown) {
    await Promise.allSettled(opened.map(({ store }) => store.close()))
    throw thrown
  }
}

/** A module may read and write its file as it opens: a file that fails it then is named as well. */
async function openStore(module: Module, house: House): Promise<Closable> {
  try {
    return await module.open(house)
  } catch (thrown) {
    throw storeFault(storePath(house, module.name), thrown)
  }
}

function install(module: Module, store: Closable, nowMs: () => number, calls: OperationCalls): InstalledOperation[] {
  return Object.entries(module.operations).map(([key, operation]) => {
    const tool = operationTool({ module: module.name, key, operation, store, nowMs, ...calls })
    return { module: module.name, key, name: tool.name, operation, tool }
  })
}

function requireUnique(modules: readonly Module[]): void {
  const names = modules.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice) throw new TypeError(`Module ${twice} is declared twice.`)
}

function faceOf(opened: readonly Opened[], face: 'authenticator'): Authenticator {
  const found = opened.filter(({ module }) => module[face])
  if (found.length !== 1) throw new TypeError(`A house needs exactly one module with an ${face}; it has ${found.length}.`)
  const [{ module, store }] = found as [Opened]
  return module.authenticator!(store)
}

function recorderOf(opened: readonly Opened[]): HttpRecorder {
  const recorders = opened.flatMap(({ module, store }) => module.httpRecorder?.(store) ?? [])
  return (row) => {
    for (const record of recorders) record(row)
  }
}

function sessionBookOf(opened: readonly Opened[]): SessionBook | undefined {
  const [book, second] = opened.flatMap(({ module, store }) => module.sessionBook?.(store) ?? [])
  if (second) throw new TypeError('A house has at most one module with a session book.')
  return book
}

function publicKeysOf(opened: readonly Opened[]): PublicKeys {
  const faces = opened.flatMap(({ module, store }) => module.publicKeys?.(store) ?? [])
  return async () => {
    const sets = await Promise.all(faces.map((face) => face()))
    return {
      keys: sets.flatMap(({ keys }) => keys),
      cacheSeconds: sets.length === 0 ? 0 : Math.min(...sets.map(({ cacheSeconds }) => cacheSeconds)),
    }
  }
}

function storeOf(opened: readonly Opened[], name: string): Closable {
  const found = opened.find(({ module }) => module.name === name)
  if (!found) throw new TypeError(`There is no module ${name}.`)
  return found.store
}
