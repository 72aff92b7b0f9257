import type { ParameterPlan } from '../../../../queue/api.lane.ts'

/** What clients take as the name of an argument, at the most. */
const MOST = 64
const ORDER = ['path', 'query', 'header', 'cookie', 'part'] as const

type Named = Pick<ParameterPlan, 'name' | 'in'>

/** Names of arguments: of each parameter, in the order given, and of the body. */
export interface ArgumentNames {
  readonly parameters: readonly string[]
  readonly body: string
}

/**
 * Gives each parameter and the body a name of its own that clients take. Where two want the same, the path comes before the query, that
 * before headers, those before cookies, and those before headers of parts; the later is called after its place: `id` and `id_query`.
 */
export function argumentNames(parameters: readonly Named[]): ArgumentNames {
  const taken = new Set<string>()
  const take = (wishes: readonly string[]): string => {
    let name = wishes.find((wish) => !taken.has(wish))
    for (let count = 2; name === undefined; count += 1) {
      const numbered = `${wishes.at(-1)!.slice(0, MOST - 4)}_${count}`
      if (!taken.has(numbered)) name = numbered
    }
    taken.add(name)
    return name
  }
  const names = new Map<Named, string>()
  for (const parameter of parameters.toSorted((a, b) => ORDER.indexOf(a.in) - ORDER.indexOf(b.in))) {
    const name = legal(parameter.name)
    names.set(parameter, take([name, `${name.slice(0, MOST - 7)}_${parameter.in}`]))
  }
  return { parameters: parameters.map((parameter) => names.get(parameter)!), body: take(['body', 'request_body']) }
}

/** `filter[name]` → `filter_name`, `StartTime<` → `StartTime_lt` */
function legal(name: string): string {
  const spelt = name.replace(/<=?/g, '_lt').replace(/>=?/g, '_gt').replace(/!/g, '_not')
  const bare = spelt.replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^_+(?=.)|_+$/g, '')
  return (bare || 'parameter').slice(0, MOST)
}
