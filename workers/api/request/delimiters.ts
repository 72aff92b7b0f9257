import type { ParameterPlan } from '../../../queue/api.lane.ts'

/** What stands between the items of a list, for the styles that have a character of their own; encoded as it is in an address. */
export const DELIMITERS: Partial<Record<ParameterPlan['style'], string>> = {
  spaceDelimited: '%20',
  tabDelimited: '%09',
  pipeDelimited: '%7C',
}

/** The same outside of addresses. */
export const PLAIN_DELIMITERS: Readonly<Record<string, string>> = { spaceDelimited: ' ', tabDelimited: '\t', pipeDelimited: '|' }
