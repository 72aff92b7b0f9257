import { pointerOf, type Site } from './site.ts'

/** Why a part of a document cannot be used, and where that is. */
export class Misfit extends Error {
  override readonly name = 'Misfit'
  readonly pointer: string

  constructor(site: Site, message: string) {
    super(message)
    this.pointer = pointerOf(site)
  }
}
