import type { Instructions } from '../../contract/tool.ts'

/**
 * What a model is told of an address: how it works, then what each server says of itself.
 *
 * @param source the one source that the address serves; `undefined` for all
 * @param servers whose things the caller sees
 * @param empty whether the caller sees nothing at all
 * @param maxChars bound of what the servers say together; each has the same share of it
 */
export function composeInstructions(
  source: string | undefined,
  servers: readonly Instructions[],
  empty: boolean,
  maxChars: number,
): string {
  const speaking = servers.filter(({ text }) => text.trim() !== '')
  const share = Math.floor(maxChars / Math.max(1, speaking.length))
  const sections = speaking.map(({ source: name, text }) => `# ${name}\n${cut(text.trim(), share)}`)
  return [introduction(source, empty), ...sections].join('\n\n')
}

function introduction(source: string | undefined, empty: boolean): string {
  const scope = source === undefined ? 'The tools of several sources' : `The tools of the source ${source}`
  if (empty)
    return `${scope} are served here, but at present there is none that you may call. Ask the operator for the right to use them.`
  const naming = source === undefined ? ' A name begins with its source: <source>__<tool>.' : ''
  return `${scope} are served here, each call checked and recorded.${naming} A result that begins with a code such as forbidden or rate_limited comes from the gateway and says what to do.`
}

/** By code points, so that no half of a character is left. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  return `${[...text.slice(0, maxChars)].slice(0, -1).join('')}…`
}
