import type { Backend } from './backend.ts'

/** Loaded when first used, so that what a thread never runs costs it nothing. */
const LOADERS: Readonly<Record<string, () => Promise<Backend>>> = {
  wasm: async () => (await import('./wasm-backend.ts')).wasmBackend,
}

const opened = new Map<string, Promise<Backend>>()

/** The backend of that name; undefined where there is none. */
export async function backendOf(name: string): Promise<Backend | undefined> {
  if (!Object.hasOwn(LOADERS, name)) return undefined
  let backend = opened.get(name)
  if (!backend) opened.set(name, (backend = LOADERS[name]!()))
  return await backend
}
