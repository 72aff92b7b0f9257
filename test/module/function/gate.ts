import { defineModule, type Module } from '../../../src/contract/module.ts'
import type { Tool } from '../../../src/contract/tool.ts'

/** A tool `gate__pass` at which a test can hold a call. */
export interface Gate {
  readonly module: Module
  /** Hold the next call that comes. */
  hold(): { readonly entered: Promise<void>; open(): void }
}

/** A source with that tool. Calls pass at once unless one is held. */
export function createGate(): Gate {
  let holding: { enter: () => void; readonly opened: Promise<void> } | undefined
  const tool: Tool = {
    name: 'gate__pass',
    source: 'gate',
    localName: 'pass',
    kind: 'dynamic',
    permit: 'tool:gate__pass',
    effect: 'read',
    idempotent: true,
    definition: { name: 'gate__pass', inputSchema: { type: 'object' } },
    parse: (raw) => raw,
    async run() {
      const held = holding
      holding = undefined
      held?.enter()
      await held?.opened
      return { kind: 'relay', result: { content: [{ type: 'text', text: 'passed' }] } }
    },
  }
  return {
    module: defineModule({
      name: 'gate',
      open: async () => ({ close: async () => {} }),
      operations: () => ({}),
      source: () => ({ list: () => [tool], onChange: () => () => {} }),
    }),
    hold() {
      const entered = Promise.withResolvers<void>()
      const opened = Promise.withResolvers<void>()
      holding = { enter: entered.resolve, opened: opened.promise }
      return { entered: entered.promise, open: opened.resolve }
    },
  }
}
