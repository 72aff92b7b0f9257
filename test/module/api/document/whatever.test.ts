import { assert, asyncProperty, constantFrom, nat } from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../../../src/contract/fault.ts'
import { schemaGap } from '../../../../src/core/schema/schema-gap.ts'
import { schemaTypo } from '../../../../src/core/schema/schema-typo.ts'
import type { ApiDocument } from '../../../../src/module/api/document/api-document.ts'
import { OPENAPI_30, OPENAPI_31, SWAGGER_2 } from './documents.ts'
import { read } from './read.ts'

const JUNK = [
  null,
  true,
  7,
  '',
  'text',
  '#/paths',
  [],
  [null],
  {},
  { $ref: '#/components/schemas/Tree' },
  { $ref: 7 },
  { type: 'object', allOf: [null] },
]

/** Every place in a document, as the keys that lead there. */
function placesIn(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => [[...path, key], ...placesIn(each, [...path, key])])
}

function withJunk(document: object, path: readonly string[], junk: unknown): object {
  const copy = structuredClone(document)
  const last = path.at(-1)!
  const holder = path.slice(0, -1).reduce((at, key) => (at as Record<string, object>)[key]!, copy) as Record<string, unknown>
  holder[last] = junk
  return copy
}

const readOrRefused = (document: object): Promise<ApiDocument | undefined> =>
  read(document).catch((thrown: unknown) => {
    if (thrown instanceof Fault) return undefined
    throw thrown
  })

test.each([
  ['OpenAPI 3.0', OPENAPI_30],
  ['OpenAPI 3.1', OPENAPI_31],
  ['Swagger 2.0', SWAGGER_2],
] as const)(
  'whatever stands anywhere in a document of %s, reading it ends in tools that can be used, and problems',
  async (_, document) => {
    const places = placesIn(document)

    await assert(
      asyncProperty(nat(places.length - 1), constantFrom(...JUNK), async (index, junk) => {
        const read = await readOrRefused(withJunk(document, places[index]!, junk))
        for (const { inputSchema, outputSchema, key } of read?.operations ?? []) {
          for (const schema of [inputSchema, outputSchema ?? {}]) {
            expect([key, schemaGap(schema), schemaTypo(schema)]).toEqual([key, undefined, undefined])
          }
        }
      }),
      { numRuns: 300 },
    )
  },
)
