import type { Behaviours } from './backend.conformance.ts'

/** What every backend has to show, in JavaScript. */
export const JAVASCRIPT: Behaviours = {
  echoes: 'export default (input) => input',
  throws: `export default () => { throw new TypeError('no such customer') }`,
  logs: `export default (input, { log }) => { log('hello'); console.error('careful') }`,
  chats: `export default () => { for (let i = 0; i < 2_000; i++) console.log('y'.repeat(1_000)); return null }`,
  swells: `export default ({ length }) => 'x'.repeat(length)`,
  babbles: 'export default () => 10n',
  loops: 'export default () => { for (;;); }',
  grows: 'export default () => { const all = []; for (;;) all.push(new Array(100_000).fill(1)) }',
  remembers: `export default (input) => {
    const before = globalThis.kept ?? Array.prototype.kept ?? null
    globalThis.kept = Array.prototype.kept = input
    return before
  }`,
  calls: `export default async ({ tool, args }, { tools }) => {
    try {
      return await tools.call(tool, args)
    } catch (error) {
      return { code: error.code }
    }
  }`,
  dates: 'export default () => ({ now: Date.now(), dice: Math.random() })',
  broken: 'export default () => {\n  const = 1\n}',
}

/** The same in TypeScript. */
export const TYPESCRIPT: Behaviours = {
  echoes: 'export default <T,>(input: T): T => input',
  throws: `export default (): never => { throw new TypeError('no such customer' as string) }`,
  logs: `type Log = (line: string) => void
    export default (input: unknown, { log }: { log: Log }): void => { log('hello'); console.error('careful') }`,
  chats: `export default (): null => { for (let i: number = 0; i < 2_000; i++) console.log('y'.repeat(1_000)); return null }`,
  swells: `interface Input { length: number }
    export default ({ length }: Input): string => 'x'.repeat(length)`,
  babbles: 'export default (): bigint => 10n',
  loops: 'export default (): never => { for (;;); }',
  grows: 'export default () => { const all: number[][] = []; for (;;) all.push(new Array<number>(100_000).fill(1)) }',
  remembers: `export default (input: unknown) => {
    const world = globalThis as { kept?: unknown }
    const before = world.kept ?? null
    world.kept = input
    return before
  }`,
  calls: `interface Context { tools: { call(name: string, args: unknown): Promise<unknown> } }
    export default async ({ tool, args }: { tool: string; args: unknown }, { tools }: Context) => {
      try {
        return await tools.call(tool, args)
      } catch (error) {
        return { code: (error as { code: string }).code }
      }
    }`,
  dates: 'export default (): { now: number; dice: number } => ({ now: Date.now(), dice: Math.random() })',
  broken: 'export default (input: string): string => {\n  const wrong: = 1\n  return input\n}',
}
