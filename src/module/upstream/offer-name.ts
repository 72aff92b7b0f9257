import type { ListedKind } from '../../contract/tool.ts'

/** What the door calls a prompt, resource or template of an upstream. */
export const offerName = (kind: ListedKind, alias: string, localName: string): string =>
  `${kind === 'prompt' ? 'prompt' : 'resource'}:${alias}__${localName}`
