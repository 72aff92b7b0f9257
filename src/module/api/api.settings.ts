import { z } from 'zod'
import { assertionSettings } from '../../core/assertion/assertion.settings.ts'

/** The section `[api]` of `gatehouse.toml`. */
export const apiSettings = z.strictObject({
  /** Largest OpenAPI document that is read, whether sent or fetched. Default 16 MiB. */
  maxDocumentBytes: z
    .int()
    .min(1_000)
    .max(128 * 1_024 * 1_024)
    .default(16 * 1_024 * 1_024),
  /** How long fetching a document, or a part of it, may take. Default 20 s. */
  fetchTimeoutMs: z.int().min(100).max(60_000).default(20_000),
  /** How often it is looked whether a document is due to be fetched again. Default 1 min. */
  refreshCheckSeconds: z.int().min(1).max(86_400).default(60),
  /** How requests are signed for APIs that ask for assertions. */
  assertion: assertionSettings.prefault({}),
})

export type ApiModuleSettings = z.output<typeof apiSettings>
