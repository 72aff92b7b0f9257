/** How much of a document is read. */
export interface DocumentLimits {
  /** Of each part of it. */
  readonly sizeBytes: number
  /** Of each part in YAML, which takes some forty times as long to read as JSON. */
  readonly yamlBytes: number
  /** Other documents that it may refer to. */
  readonly parts: number
  readonly operations: number
}

/** What is read where nothing else is said. */
export const DOCUMENT_LIMITS: DocumentLimits = {
  sizeBytes: 16 * 1024 * 1024,
  yamlBytes: 12 * 1024 * 1024,
  parts: 50,
  operations: 5_000,
}
