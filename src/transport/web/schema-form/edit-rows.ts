import { unescapeStep } from './pointer.ts'
import { isObject } from './shape.ts'

/**
 * Add a blank row to a list, or take one out: what the buttons of a form do that is shown again rather than run.
 *
 * @param edit `add:/tags` or `remove:/tags/1`; anything else changes nothing
 */
export function editRows(value: unknown, edit: string): unknown {
  const found = /^(add|remove):(\/.*)$/s.exec(edit)
  if (!found?.[1] || !found[2]) return value
  const steps = found[2].split('/').slice(1).map(unescapeStep)
  return found[1] === 'add'
    ? at(value, steps, (list) => [...(Array.isArray(list) ? list : []), undefined])
    : at(value, steps.slice(0, -1), (list) =>
        Array.isArray(list) ? list.filter((_, row) => row !== Number(steps.at(-1))) : list,
      )
}

function at(value: unknown, steps: readonly string[], change: (list: unknown) => unknown): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return change(value)
  if (Array.isArray(value)) return value.map((item, row) => (row === Number(step) ? at(item, rest, change) : item))
  const entries = new Map(Object.entries(isObject(value) ? value : {}))
  return Object.fromEntries(entries.set(step, at(entries.get(step), rest, change)))
}
