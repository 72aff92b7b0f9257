import type { BodyPlan, FieldPlan, OperationPlan, ParameterPlan } from '../../../../queue/api.lane.ts'
import type { Site } from './site.ts'

/** A parameter, whatever the version of the document. */
export interface ParameterDraft extends Omit<ParameterPlan, 'argument'> {
  readonly site: Site
  readonly isRequired: boolean
  readonly description: string
  readonly schema: Site
}

/** How a document wants a field of a form written, as far as it says so. */
export type FieldDraft = Partial<Pick<FieldPlan, 'contentType' | 'style' | 'explode'>>

/** A body, whatever the version of the document. */
export interface BodyDraft {
  readonly isRequired: boolean
  readonly description: string
  readonly kind: BodyPlan['kind']
  readonly contentType: string
  readonly schema: Site
  readonly fields: Readonly<Record<string, FieldDraft>>
}

/** One operation as the document says it, before a tool is made of it. */
export interface OperationDraft {
  readonly key: string
  readonly method: OperationPlan['method']
  readonly path: string
  readonly site: Site
  readonly serverUrl: string
  readonly parameters: readonly ParameterDraft[]
  readonly body: BodyDraft | null
  /** Schema of a good answer in JSON. */
  readonly answer: Site | null
  readonly accept: readonly string[]
}
