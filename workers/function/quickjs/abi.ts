/** A boxed value of the engine: an address in its memory. */
export type Box = number

/**
 * What `quickjs.wasm` of quickjs-wasi 3.6.2 exports, as far as we use it. The package's own class makes a new instance of the engine for every
 * VM, which costs a millisecond and twenty at the 99th percentile; we put the memory of one instance back instead, so we call the engine itself.
 */
export interface QuickjsAbi {
  readonly memory: WebAssembly.Memory
  /** The only state of the engine outside its memory. */
  readonly __stack_pointer: WebAssembly.Global<'i32'>
  _initialize(): void
  /** @returns 0 when it could be done */
  qjs_init2(intrinsics: number): number
  /** @param filename address of a text that ends in 0 */
  qjs_eval(code: number, codeBytes: number, filename: number, flags: number): Box
  qjs_call(callee: Box, self: Box, count: number, args: number): Box
  qjs_get_exception(): Box
  qjs_is_exception(value: Box): number
  qjs_is_string(value: Box): number
  /** @param name address of a text that ends in 0 */
  qjs_get_prop_string(object: Box, name: number): Box
  qjs_get_undefined(): Box
  qjs_new_string(text: number, bytes: number): Box
  qjs_new_number(number: number): Box
  qjs_new_host_function(name: number, nameBytes: number, count: number): Box
  qjs_dup_value(value: Box): Box
  qjs_free_value(value: Box): void
  /** Of a text only: what is no text is converted, and that runs the guest's code. */
  qjs_get_string_len(value: Box, bytesOut: number): number
  qjs_free_cstring(text: number): void
  qjs_is_job_pending(): number
  /** @returns below 0 when the job threw what nothing can catch */
  qjs_execute_pending_job(): number
  qjs_set_interrupt_handler(isOn: number): void
  qjs_set_memory_limit(bytes: number): void
  qjs_set_max_stack_size(bytes: number): void
  qjs_set_module_loader(isOn: number): void
  wasm_malloc(bytes: number): number
  wasm_free(address: number): void
}
