import type { Callable } from '../../contract/tool.ts'
import type { Catalog } from '../catalog.ts'
import { notFound } from './not-found.ts'

/** Stage 1. @throws Fault `not_found` */
export function find(catalog: Catalog, name: string): Callable {
  const tool = catalog.find(name)
  if (!tool) throw notFound(name)
  return tool
}

/** What stands in the record where nothing by that name exists: the name is kept, cut to 128 characters. */
export function unknownTool(name: string): Callable {
  const shown = name.slice(0, 128)
  return {
    name: shown,
    source: 'unknown',
    localName: shown,
    kind: 'dynamic',
    permit: '',
    effect: 'read',
    idempotent: false,
    parse: (raw) => raw,
    run: () => Promise.reject(notFound(name)),
  }
}
