import type { SchemaNode } from '../../../core/schema/schema-walk.ts'

/** Values that are data: what looks like a reference there is none. */
const DATA = new Set(['example', 'examples', 'default', 'enum', 'const'])
/** Whose members are called as somebody likes; an answer may be called `default`, and so may a property. */
const MAPS = new Set(
  'properties patternProperties dependentSchemas $defs definitions schemas responses parameters requestBodies headers content encoding'.split(
    ' ',
  ),
)

/**
 * The members of an object of a document in which references count.
 *
 * @param name what the object itself is called in the object around it; empty for the document and for items of lists
 */
export const referringMembers = (node: SchemaNode, name: string): [string, unknown][] =>
  MAPS.has(name) ? Object.entries(node) : Object.entries(node).filter(([key]) => !DATA.has(key) && !key.startsWith('x-'))
