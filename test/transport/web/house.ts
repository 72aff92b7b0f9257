import { once } from 'node:events'
import type { Module } from '../../../src/contract/module.ts'
import { defineModule } from '../../../src/contract/module.ts'
import type { Tool } from '../../../src/contract/tool.ts'
import type { TestHouse } from '../../support.ts'

/** What a hostile upstream writes wherever it may write. Nothing of it may ever become markup. */
export const HOSTILE = '<img src=x onerror="document.title=1"></script><script>document.title=1</script>"\'>{{7}}‮‭'

/** The message that the tool answers only by being stopped. */
export const FOREVER = 'forever'

const hostileSchema = {
  type: 'object',
  title: HOSTILE,
  required: ['message'],
  properties: {
    message: { type: 'string', title: HOSTILE, description: HOSTILE, default: HOSTILE, examples: [HOSTILE] },
    [HOSTILE]: { type: 'string', description: HOSTILE },
    mode: { enum: [HOSTILE, 'b'] },
    nested: { type: 'object', description: HOSTILE, properties: { [HOSTILE]: { type: 'integer' } } },
    list: { type: 'array', items: { type: 'string' } },
  },
}

/** A source with one tool whose every text is hostile, and which answers in kind. It counts how often it ran. */
export function hostileSource(): { readonly module: Module; runs: () => number } {
  let runs = 0
  const tool: Tool = {
    name: 'hostile__tool',
    source: 'hostile',
    localName: 'tool',
    kind: 'dynamic',
    permit: 'tool:hostile__tool',
    effect: 'write',
    idempotent: false,
    definition: { name: 'hostile__tool', title: HOSTILE, description: HOSTILE, inputSchema: hostileSchema },
    parse: (raw) => raw,
    run: async (visit) => {
      runs += 1
      if ((visit.arguments as { message?: unknown }).message === FOREVER) {
        await once(visit.signal, 'abort')
        visit.signal.throwIfAborted()
      }
      return {
        kind: 'relay',
        result: {
          content: [
            { type: 'text', text: `${HOSTILE} ${JSON.stringify(visit.arguments)}` },
            {
              type: 'image',
              mimeType: 'image/svg+xml',
              data: Buffer.from('<svg onload="document.title=1"/>').toString('base64'),
            },
            { type: HOSTILE, text: HOSTILE },
          ],
          structuredContent: { [HOSTILE]: HOSTILE },
        },
      }
    },
  }
  const module = defineModule({
    name: 'hostile',
    open: async () => ({ close: async () => {} }),
    operations: () => ({}),
    source: () => ({ list: () => [tool], onChange: () => () => {} }),
  })
  return { module, runs: () => runs }
}

/** A browser without JavaScript: keeps the session, sends forms as a browser would. */
export async function openBrowser(house: TestHouse) {
  const { cookie, csrf } = await house.session()
  const get = (path: string) => fetch(house.url + path, { headers: { cookie, accept: 'text/html' }, redirect: 'manual' })
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(house.url + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ _csrf: csrf, ...fields }),
    })
  return { cookie, csrf, get, post }
}

/** How the call on a page ended, as the page says it. */
export const outcomeOn = (html: string): string | undefined => /<output[^>]* data-outcome="(\w+)"/.exec(html)?.[1]
