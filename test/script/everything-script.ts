import type { Heard, Peer } from './peer.ts'
import { Transcript } from './transcript.ts'

const CALLS: readonly (readonly [string, object])[] = [
  ['echo', { message: 'Hello' }],
  ['get-annotated-message', { messageType: 'error', includeImage: true }],
  ['get-resource-links', { count: 2 }],
  ['get-resource-reference', { resourceType: 'Text', resourceId: 1 }],
  ['get-structured-content', { location: 'Chicago' }],
  ['get-sum', { a: 2, b: 3 }],
  ['get-tiny-image', {}],
  // Clients drop the progress that arrives together with the result: what comes between the two steps is how late a busy machine may be.
  ['trigger-long-running-operation', { duration: 1, steps: 2 }],
  ['trigger-sampling-request', { prompt: 'Say something.', maxTokens: 10 }],
  ['trigger-elicitation-request', {}],
  ['trigger-url-elicitation', { url: 'https://example.com/confirm' }],
]

const PROMPTS: readonly (readonly [string, object])[] = [
  ['simple-prompt', {}],
  ['args-prompt', { city: 'Bern', state: 'BE' }],
  ['completable-prompt', { department: 'Engineering', name: 'Alice' }],
  ['resource-prompt', { resourceType: 'Text', resourceId: '1' }],
]

const URIS = ['demo://resource/static/document/features.md', 'demo://resource/dynamic/text/7', 'demo://resource/dynamic/blob/7']

/** Everything that the reference server `server-everything` can do, once. */
export async function runEverythingScript(peer: Peer): Promise<Transcript> {
  const transcript = new Transcript(peer, isAboutRoots)
  for (const list of ['tools', 'prompts', 'resources', 'resources/templates']) await transcript.request(`${list}/list`)
  for (const [name, args] of CALLS) await transcript.request('tools/call', { name, arguments: args })
  for (const [name, args] of PROMPTS) await transcript.request('prompts/get', { name, arguments: args })
  for (const uri of URIS) await transcript.request('resources/read', { uri })
  const prompt = { type: 'ref/prompt', name: 'completable-prompt' }
  await transcript.request('completion/complete', { ref: prompt, argument: { name: 'department', value: 'E' } })
  const template = { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' }
  await transcript.request('completion/complete', { ref: template, argument: { name: 'resourceId', value: '1' } })
  return transcript
}

/** It asks for the client's roots when it likes, and logs that it did. */
const isAboutRoots = ({ method, params }: Heard): boolean =>
  method === 'roots/list' || (method === 'notifications/message' && String(params['data']).startsWith('Roots updated'))
