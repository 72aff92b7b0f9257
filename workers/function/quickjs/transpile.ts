import { transform } from 'sucrase'
import type { Position } from './position.ts'
import { originsOf } from './source-map.ts'
import { typescriptError } from './typescript-error.ts'

/** JavaScript for the engine, and the way back to what its author wrote. */
export interface Script {
  readonly code: string
  readonly originOf: (position: Position) => Position
}

/** A source that the engine will not be given. */
export class TranspileError extends Error {
  override readonly name = 'TranspileError'
  readonly position: Position | undefined

  constructor(message: string, position: Position | undefined) {
    super(message)
    this.position = position
  }
}

const NAMESPACE = /^[ \t]*(?:export[ \t]+)?(?:namespace|module)[ \t]+[\w$.]+[ \t]*\{/gm

/** What the engine is given for a source. @throws TranspileError */
export function transpile(language: 'javascript' | 'typescript', source: string): Script {
  if (language === 'javascript') return { code: source, originOf: (position) => position }
  const { code, sourceMap } = withoutTypes(source)
  requireNoNamespace(source, code)
  return { code, originOf: originsOf(sourceMap?.mappings ?? '') }
}

function withoutTypes(source: string): ReturnType<typeof transform> {
  try {
    return transform(source, {
      transforms: ['typescript'],
      disableESTransforms: true,
      filePath: 'function',
      sourceMapOptions: { compiledFilename: 'function' },
    })
  } catch (cause) {
    const better = typescriptError(source)
    if (better) throw new TranspileError(better.message, better.position)
    const { message, loc } = cause as { readonly message: string; readonly loc?: Position }
    throw new TranspileError(message.replace(/^Error transforming function: /, '').replace(/ \(\d+:\d+\)$/, ''), loc)
  }
}

/** Sucrase leaves namespaces out without a word. It keeps lines, so what is still on its line was only text. */
function requireNoNamespace(source: string, code: string): void {
  const lines = code.split('\n')
  let line = 1
  let at = 0
  for (const { 0: found, index } of source.matchAll(NAMESPACE)) {
    for (; at < index; at += 1) if (source[at] === '\n') line += 1
    if (lines[line - 1]?.includes(found.trim())) continue
    throw new TranspileError('Namespaces are not supported. Write plain objects or constants.', {
      line,
      column: 1 + found.search(/\S/),
    })
  }
}
