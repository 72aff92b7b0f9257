import { z } from 'zod'

/** `name@sha256:<64 hex>`: the only way an image may be named, because a tag means something else tomorrow. */
const IMAGE = /^[a-z0-9][a-z0-9._/:-]{0,255}@sha256:[0-9a-f]{64}$/

/** Whether an image is named by digest. */
export const isImageByDigest = (image: string): boolean => IMAGE.test(image)

const docker = z.strictObject({
  /** Off by default: whoever may publish functions then runs programs on this engine. */
  enabled: z.boolean().default(false),
  socketPath: z.string().min(1).default('/var/run/docker.sock'),
  /** What functions may run in: `name@sha256:…` for one image, `name` for any digest of that name. */
  images: z.array(z.string().min(1)).default([]),
  /** Whether an image that the engine does not have is pulled; else the run is refused. */
  pull: z.boolean().default(false),
  /** Docker network of the containers. `none` has no way out. */
  network: z.string().min(1).default('none'),
  /** Who the program is in the container, as `uid:gid`; never root. */
  user: z
    .string()
    .regex(/^[1-9]\d*:[1-9]\d*$/, 'a uid:gid was expected, neither of them 0')
    .default('65534:65534'),
  /** Most memory of one container, whatever its function asks for. */
  maxMemoryBytes: z.int().min(16_777_216).default(536_870_912),
  cpus: z.number().positive().max(64).default(1),
  /** Processes and threads of one container. */
  pids: z.int().min(16).default(64),
  /** Size of `/tmp`, the only place where a function can write. */
  tmpBytes: z.int().min(0).default(16_777_216),
})

/** One plugin: its module, and whatever the plugin itself wants to be told. */
const plugin = z.looseObject({
  /** Path of the module, absolute or relative to the configuration file. */
  module: z.string().min(1),
})

const pluginName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, '1 to 31 lower-case letters, digits and hyphens were expected')
  .refine((name) => name !== 'wasm' && name !== 'docker', 'wasm and docker are taken')

/** The parts of the section `[function]` that choose what runs functions: `[function.docker]` and `[function.plugin.<name>]`. */
export const functionBackendSettings = z.strictObject({
  docker: docker.prefault({}),
  plugin: z.record(pluginName, plugin).default({}),
})

export type FunctionBackendSettings = z.output<typeof functionBackendSettings>
export type DockerSettings = FunctionBackendSettings['docker']
