import type { Target } from '../load.ts'

/** A client that stays connected for the whole soak. */
export interface SoakClient {
  /** Call a tool, answer what it asks, and say how often it reported progress. @throws Error when the answer is none */
  call(name: string): Promise<{ readonly text: string; readonly progress: number }>
  close(): Promise<void>
}

/** Every form is answered alike. */
export const ANSWER = { action: 'accept', content: { name: 'Soak', username: 'soak', email: 'soak@example.com' } }

export const CAPABILITIES = { elicitation: { form: {} } }

const USUAL = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** Send one message. */
export function post(
  { url, token }: Target,
  path: string,
  message: object,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
) {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: { ...USUAL, authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    ...(signal && { signal }),
  })
}

/** The messages of an answer, as they come, whether it is JSON or an event stream. */
export async function* messagesOf(response: Response): AsyncGenerator<any> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    const text = await response.text()
    if (text !== '') yield JSON.parse(text)
    return
  }
  let rest = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + chunk).split('\n\n')
    rest = frames.pop() ?? ''
    for (const frame of frames) {
      const data = /^data: (.+)$/m.exec(frame)?.[1]
      if (data !== undefined) yield JSON.parse(data)
    }
  }
}

/** The text of a tool's result. @throws Error for whatever is none */
export function textOf(message: any): string {
  const text = message?.result?.content?.[0]?.text
  if (typeof text !== 'string' || message.result.isError) throw new Error(`answered ${JSON.stringify(message).slice(0, 300)}`)
  return text
}
