import type { Log } from '../contract/house.ts'
import type { ProcessState } from '../contract/process.ts'
import { Child, type ChildSpec } from './child.ts'
import type { Plan } from './message.ts'
import { RESTART_POLICY, type RestartPolicy } from './restart-policy.ts'
import { watchVitalSigns } from './vital-signs.ts'

/** How the tree ended. */
interface SupervisorEnd {
  /** 0 where every process stopped in order. */
  readonly code: 0 | 1
  /** For the operator, where no process has said it. */
  readonly why: string | undefined
}

/** A tree of processes that is kept running until it is told to stop. */
export interface Supervisor {
  /** Start one more; nothing where one of that name is there, or where the tree stops. */
  add(child: ChildSpec): void
  /** The supervisor itself first. */
  processes(): readonly ProcessState[]
  /** Stop in order: the front, then those who work for it. */
  stop(): void
  /** Stop at once. */
  kill(): void
  readonly over: Promise<SupervisorEnd>
}

export interface SupervisorOptions {
  /** Absolute path of the program that Node runs for every child. */
  readonly program: string
  readonly children: readonly ChildSpec[]
  readonly log: Log
  readonly nowMs: () => number
  /** A clock that nobody sets, for restarts, in ms. Default: that of the process. */
  readonly steadyMs?: () => number
  /** 0 to 1; default `Math.random`. */
  readonly random?: () => number
  readonly policy?: RestartPolicy
  /** Default {@link STOP_MS}; a front's plan says how long that front needs. */
  readonly stopMs?: number
  /** Default {@link KILL_AFTER_MS}. */
  readonly killAfterMs?: number
  /** A front said what it wants. */
  readonly onPlan?: (plan: Plan) => void
}

const TELL_EVERY_MS = 2_000
/** From TERM to a second TERM, in ms, for a child that plans nothing else. */
export const STOP_MS = 10_000
/** From a second TERM to KILL, in ms. */
export const KILL_AFTER_MS = 1_000

/** Start the children. They are told by signals and exit codes, and hear of each other by the front alone. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { log, nowMs } = options
  const children: Child[] = []
  const vitalSigns = watchVitalSigns(nowMs)
  const { promise: over, resolve: end } = Promise.withResolvers<SupervisorEnd>()
  let stopping = false

  const own = (): ProcessState => ({
    name: 'supervisor',
    pid: process.pid,
    state: stopping ? 'stopping' : 'running',
    restarts: 0,
    lastEnd: null,
    vitals: vitalSigns.read(),
  })
  const processes = (): readonly ProcessState[] => [own(), ...children.map((child) => child.state())]
  const ofRole = (role: ChildSpec['role']): Child[] => children.filter(({ spec }) => spec.role === role)
  const tell = (): void => {
    const fronts = ofRole('front')
    if (fronts.length === 0) return
    const message = { kind: 'processes', processes: processes() } as const
    for (const front of fronts) front.send(message)
  }
  const timer = setInterval(tell, TELL_EVERY_MS)

  const stop = (failed: boolean, why: string | undefined): void => {
    if (stopping) return
    stopping = true
    void stopInOrder().then((well) => {
      clearInterval(timer)
      vitalSigns.stop()
      end({ code: well && !failed ? 0 : 1, why })
    })
  }
  /** Never rejects: a child's stop only waits for its end. */
  const stopInOrder = async (): Promise<boolean> => {
    const fronts = await Promise.all(ofRole('front').map((child) => child.stop()))
    const workers = await Promise.all(ofRole('worker').map((child) => child.stop()))
    return [...fronts, ...workers].every((well) => well)
  }
  const add = (spec: ChildSpec): void => {
    if (stopping || children.some((child) => child.spec.name === spec.name)) return
    const child = new Child(spec, {
      program: options.program,
      log,
      steadyMs: options.steadyMs ?? (() => performance.now()),
      random: options.random ?? Math.random,
      policy: options.policy ?? RESTART_POLICY,
      stopMs: options.stopMs ?? STOP_MS,
      killAfterMs: options.killAfterMs ?? KILL_AFTER_MS,
      changed: tell,
      planned: (plan) => options.onPlan?.(plan),
      gaveUp: (why) => stop(true, why),
    })
    children.push(child)
    child.start()
  }
  for (const spec of options.children) add(spec)
  return {
    add,
    processes,
    over,
    stop: () => stop(false, undefined),
    kill() {
      stop(true, undefined)
      for (const child of children) child.hurry()
    },
  }
}
