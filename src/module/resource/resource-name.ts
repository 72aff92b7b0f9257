import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Listed, ListedKind } from '../../contract/tool.ts'

/** What somebody wants to read, or to have completed. */
export interface Wanted {
  /** As clients are shown it. */
  readonly uri: string
  /** The only source that is meant; `undefined` for all. */
  readonly source: string | undefined
}

/**
 * The door's name of what has a URI: what is listed under it, or what sources say may have it. Of several the first that the caller may read; rights
 * are the door's to judge, so one that they may not read is named all the same.
 *
 * @throws Fault `not_found`
 */
export function resourceName(house: House, caller: Caller, wanted: Wanted): string {
  const { uri, source } = wanted
  const names = [...listedNames(house, 'resource', wanted), ...house.resourceNames(uri, source)]
  return chosen(names, caller) ?? missing('resource', uri)
}

/** The same of a URI template. @throws Fault `not_found` */
export const templateName = (house: House, caller: Caller, wanted: Wanted): string =>
  chosen(listedNames(house, 'template', wanted), caller) ?? missing('template', wanted.uri)

const listedNames = ({ listed }: House, kind: ListedKind, { uri, source }: Wanted): string[] =>
  listed(kind)
    .filter((one: Listed) => one.shownName === uri && (source === undefined || one.source === source))
    .map(({ name }) => name)

const chosen = (names: readonly string[], { grants }: Caller): string | undefined =>
  names.find((name) => grants.allows(name)) ?? names[0]

function missing(what: string, uri: string): never {
  throw new Fault(
    'not_found',
    `No upstream has a ${what} ${uri.slice(0, 300)}. resource_list and resource_templates name those that there are.`,
    { data: { uri } },
  )
}
