import { setTimeout } from 'node:timers/promises'
import Docker from 'dockerode'
import type { FunctionProgram } from '../../queue/function.lane.ts'
import type { DockerSettings } from '../../queue/function.settings.ts'
import type { Backend, Host, Invocation, Outcome } from './backend.ts'
import { CheckTalk } from './docker/check-talk.ts'
import { hasRunner, RUNNERS } from './docker/command.ts'
import { containerOptions } from './docker/container-options.ts'
import type { Conversation } from './docker/conversation.ts'
import { converse } from './docker/converse.ts'
import { createContainer, type Pulls } from './docker/create-container.ts'
import { engineFault, statusOf, wordsOf } from './docker/engine-fault.ts'
import { imageOf } from './docker/image.ts'
import { labelsOf } from './docker/labels.ts'
import { PlainTalk } from './docker/plain-talk.ts'
import { removeContainer } from './docker/remove-container.ts'
import { RunnerTalk } from './docker/runner-talk.ts'
import { sweep } from './docker/sweep.ts'
import { untilAborted } from './until-aborted.ts'

/** Longest that a run waits for its container to be gone, in ms; what is left then falls to the sweep. */
const REMOVE_MS = 2_000
/** How often orphans are looked for, besides when the backend is opened, in ms. */
const SWEEP_EVERY_MS = 60_000

/** What is to be done in one container. */
interface Job {
  readonly program: FunctionProgram
  readonly source: string
  /** ms since the epoch. */
  readonly deadline: number
  readonly signal: AbortSignal
}

/** Runs each invocation in a container of its own, which is removed afterwards whatever happened. */
export class DockerBackend implements Backend {
  readonly name = 'docker'
  readonly languages: readonly FunctionProgram['language'][] = [...RUNNERS, 'image']
  readonly #engine: Docker
  readonly #settings: DockerSettings
  readonly #installation: string
  readonly #pulls: Pulls = new Map()
  #sweptAt = 0

  constructor(settings: DockerSettings, installation: string) {
    // DOCKER_HOST would win over the socket that the configuration names.
    this.#engine = new Docker({ socketPath: settings.socketPath, host: undefined, protocol: 'http' } as Docker.DockerOptions)
    this.#settings = settings
    this.#installation = installation
  }

  async check(program: FunctionProgram, source: string, signal: AbortSignal): ReturnType<Backend['check']> {
    imageOf(program, this.#settings)
    if (!hasRunner(program.language)) return []
    const failed = (message: string) => [{ line: null, column: null, message }]
    const deadline = Date.now() + program.limits.timeoutMs
    return await this.#within({ program, source, deadline, signal }, new CheckTalk(source), failed)
  }

  async run(invocation: Invocation, host: Host): Promise<Outcome> {
    const { program } = invocation
    imageOf(program, this.#settings)
    const source = await invocation.source()
    const talk = hasRunner(program.language) ? new RunnerTalk(invocation, source, host) : new PlainTalk(invocation, host)
    const failed = (message: string): Outcome => ({ ok: false, reason: 'crash', message })
    try {
      return await this.#within({ program, source, deadline: host.deadline, signal: host.signal }, talk, failed)
    } catch (thrown) {
      if (!host.signal.aborted) throw thrown
      return { ok: false, reason: 'timeout', message: `The function was stopped after ${program.limits.timeoutMs} ms.` }
    }
  }

  /** Remove what earlier workers left. @returns how many containers */
  async sweep(): Promise<number> {
    this.#sweptAt = Date.now()
    return await sweep(this.#engine, this.#installation, this.#sweptAt)
  }

  async #within<End>(job: Job, talk: Conversation<End>, failed: (message: string) => End): Promise<End> {
    try {
      if (Date.now() - this.#sweptAt > SWEEP_EVERY_MS) await untilAborted(this.sweep(), job.signal)
      return await this.#inContainer(job, talk)
    } catch (thrown) {
      if (job.signal.aborted) throw thrown
      // A program that the image does not have, or a user that it refuses.
      if (statusOf(thrown) === 400) return failed(`The container could not be started: ${wordsOf(thrown)}`)
      throw engineFault(thrown, this.#settings.socketPath)
    }
  }

  async #inContainer<End>({ program, source, deadline, signal }: Job, talk: Conversation<End>): Promise<End> {
    const image = imageOf(program, this.#settings)
    const labels = labelsOf(this.#installation, program, deadline)
    const options = { ...containerOptions(program, source, this.#settings, labels), Image: image }
    // Never given up half-way: a container that nobody knows the id of could not be removed.
    const created = createContainer(this.#engine, options, this.#settings.pull ? this.#pulls : undefined)
    try {
      const container = await untilAborted(created, signal)
      return await untilAborted(converse(this.#engine, this.#settings.socketPath, container, talk, signal), signal)
    } finally {
      await this.#remove(created)
    }
  }

  /** A container that was not created needs no removal; one that cannot be removed now falls to the sweep. */
  async #remove(created: Promise<Docker.Container>): Promise<void> {
    const removed = created.then(removeContainer).catch(() => {})
    const enough = new AbortController()
    await Promise.race([removed, setTimeout(REMOVE_MS, undefined, { signal: enough.signal }).catch(() => {})])
    enough.abort()
  }
}
