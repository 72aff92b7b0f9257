import { setTimeout } from 'node:timers/promises'
import Docker from 'dockerode'
import type { FunctionProgram } from '../../queue/function.lane.ts'
import type { DockerSettings } from '../../queue/function.settings.ts'
import type { Backend, Host, Invocation, Outcome } from './backend.ts'
import { aside, CheckTalk } from './docker/check-talk.ts'
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
import { failed, TIMED_OUT } from './outcome.ts'
import { untilAborted } from './until-aborted.ts'

/** Longest that a run waits for its container to be gone, in ms; what is left then falls to the sweep. */
const REMOVE_MS = 900
/** Longest that the first sweep may take, in ms. */
const FIRST_SWEEP_MS = 3_000
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

/** The backend, after what earlier workers left was removed; an engine that is not there is not missed before something is run. */
export async function openDockerBackend(settings: DockerSettings, installation: string): Promise<Backend> {
  const backend = new DockerBackend(settings, installation)
  await untilAborted(backend.sweep(), AbortSignal.timeout(FIRST_SWEEP_MS)).catch(() => 0)
  return backend
}

/** Runs each invocation in a container of its own, which is removed afterwards whatever happened. */
class DockerBackend implements Backend {
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
    const deadline = Date.now() + program.limits.timeoutMs
    return await this.#within({ program, source, deadline, signal }, new CheckTalk(source), (message) => [aside(message)])
  }

  async run(invocation: Invocation, host: Host): Promise<Outcome> {
    const { program } = invocation
    imageOf(program, this.#settings)
    const source = await invocation.source()
    const talk = hasRunner(program.language) ? new RunnerTalk(invocation, source, host) : new PlainTalk(invocation, host)
    try {
      return await this.#within({ program, source, deadline: host.deadline, signal: host.signal }, talk, (message) =>
        failed('crash', message),
      )
    } catch (thrown) {
      if (!host.signal.aborted) throw thrown
      return TIMED_OUT
    }
  }

  /** Remove what earlier workers left. @returns how many containers */
  async sweep(): Promise<number> {
    const nowMs = Date.now()
    const removed = await sweep(this.#engine, this.#installation, nowMs)
    this.#sweptAt = nowMs
    return removed
  }

  async #within<End>(job: Job, talk: Conversation<End>, onRefused: (message: string) => End): Promise<End> {
    try {
      if (Date.now() - this.#sweptAt > SWEEP_EVERY_MS) await untilAborted(this.sweep(), job.signal)
      return await this.#inContainer(job, talk)
    } catch (thrown) {
      if (job.signal.aborted) throw thrown
      // A program that the image does not have, or a user that it refuses.
      if (statusOf(thrown) === 400) return onRefused(`The container could not be started: ${wordsOf(thrown)}`)
      throw engineFault(thrown, this.#settings.socketPath)
    }
  }

  async #inContainer<End>({ program, source, deadline, signal }: Job, talk: Conversation<End>): Promise<End> {
    signal.throwIfAborted()
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
