import { z } from 'zod'
import type { Listed } from '../../contract/tool.ts'
import { listedText } from '../../core/listed-text.ts'
import { templateVariables } from './uri-template.ts'

const shared = {
  name: z.string(),
  title: z.string(),
  source: z.string().describe('The upstream that it comes from.'),
  right: z.string().describe('The right that reading it needs, which is its name in records as well.'),
  description: z.string(),
  mimeType: z.string().describe('Empty where it is not said.'),
}

/** A resource as a list shows it. */
export const ResourceRow = z.object({
  uri: z.string().describe('Its URI for MCP clients where all sources are served.'),
  ...shared,
  sizeBytes: z.int().nullable().describe('null where it is not said.'),
})

/** A URI template as a list shows it. */
export const TemplateRow = z.object({
  uriTemplate: z.string().describe('RFC 6570, as MCP clients see it where all sources are served.'),
  ...shared,
  variables: z.array(z.string()),
})

/** Show a resource in a list. Its definition comes from outside, so that nothing in it is taken for granted. */
export function resourceRow(one: Listed): z.output<typeof ResourceRow> {
  const size = one.definition['size']
  return { uri: one.shownName, ...sharedFields(one), sizeBytes: Number.isSafeInteger(size) ? (size as number) : null }
}

/** The same of a template. */
export function templateRow(one: Listed): z.output<typeof TemplateRow> {
  return { uriTemplate: one.shownName, ...sharedFields(one), variables: [...templateVariables(one.shownName)] }
}

function sharedFields({ source, localName, permit, definition }: Listed) {
  const name = listedText(definition, 'name') || localName
  return {
    name,
    title: listedText(definition, 'title') || name,
    source,
    right: permit,
    description: listedText(definition, 'description'),
    mimeType: listedText(definition, 'mimeType'),
  }
}
