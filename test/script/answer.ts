type Fields = Readonly<Record<string, unknown>>

/** What every scripted client declares. */
export const CAPABILITIES = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } }

/** What a scripted client answers when a server asks: always the same to the same question. */
export function answerTo(method: string, params: Fields): Fields {
  if (method === 'roots/list') return { roots: [{ uri: 'file:///home/script', name: 'Script' }] }
  if (method === 'sampling/createMessage') {
    return { role: 'assistant', content: { type: 'text', text: 'A model said this.' }, model: 'scripted', stopReason: 'endTurn' }
  }
  if (params['mode'] === 'url') return { action: 'accept' }
  const { properties = {} } = (params['requestedSchema'] ?? {}) as { properties?: Readonly<Record<string, Fields>> }
  return {
    action: 'accept',
    content: Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, fill(key, schema)])),
  }
}

function fill(key: string, schema: Fields): unknown {
  if (schema['default'] !== undefined) return schema['default']
  if (schema['type'] === 'boolean') return true
  if (schema['type'] === 'array') return []
  if (schema['type'] === 'integer' || schema['type'] === 'number') return schema['minimum'] ?? 1
  const [first] = (schema['enum'] ??
    (schema['oneOf'] as Fields[] | undefined)?.map((choice) => choice['const']) ??
    []) as unknown[]
  return first ?? textFor(key, String(schema['format'] ?? ''))
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'script@example.com',
  uri: 'https://example.com/',
  date: '2026-11-21',
  'date-time': '2026-11-21T00:00:00Z',
}

const textFor = (key: string, format: string): string => FORMATS[format] ?? `some ${key}`
