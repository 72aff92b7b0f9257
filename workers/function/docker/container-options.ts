import type { ContainerCreateOptions } from 'dockerode'
import type { FunctionProgram } from '../../../queue/function.lane.ts'
import type { DockerSettings } from '../../../queue/function.settings.ts'
import { commandOf } from './command.ts'

const NANO_CPUS = 1e9
const MAX_OPEN_FILES = 1_024

/**
 * What a container is given, and above all what it is not: no network, no way to write but a small `/tmp`, no right of root, no new right by any
 * means, no memory, process or CPU beyond its limits, no log on the engine's disk.
 */
export function containerOptions(
  program: FunctionProgram,
  source: string,
  settings: DockerSettings,
  labels: Record<string, string>,
): ContainerCreateOptions {
  const { command, memoryBytes } = commandOf(program, source)
  const memory = Math.min(memoryBytes, settings.maxMemoryBytes)
  return {
    ...command,
    User: settings.user,
    Env: ['HOME=/tmp'],
    Labels: labels,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    // Input ends when its worker does, and with it the runners.
    StdinOnce: true,
    Tty: false,
    HostConfig: {
      AutoRemove: true,
      NetworkMode: settings.network,
      IpcMode: 'none',
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': `rw,noexec,nosuid,nodev,mode=1777,size=${settings.tmpBytes}` },
      Memory: memory,
      // Memory and swap together: no swap.
      MemorySwap: memory,
      NanoCpus: Math.round(settings.cpus * NANO_CPUS),
      PidsLimit: settings.pids,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      Ulimits: ulimits(program, settings),
      LogConfig: { Type: 'none', Config: {} },
    },
  }
}

/** CPU time ends what computes on after its worker was killed, before anybody sweeps. */
function ulimits({ limits }: FunctionProgram, { cpus }: DockerSettings): { Name: string; Soft: number; Hard: number }[] {
  const seconds = Math.ceil((limits.timeoutMs / 1_000) * Math.max(1, cpus)) + 1
  return [
    { Name: 'core', Soft: 0, Hard: 0 },
    { Name: 'nofile', Soft: MAX_OPEN_FILES, Hard: MAX_OPEN_FILES },
    { Name: 'cpu', Soft: seconds, Hard: seconds },
  ]
}
