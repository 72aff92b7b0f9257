// A document from a file goes into the field that it could be pasted into as well.

for (const row of document.querySelectorAll('[data-with-script]')) row.hidden = false

document.addEventListener('change', async (event) => {
  const id = event.target.dataset?.fileInto
  const [file] = event.target.files ?? []
  if (id === undefined || file === undefined) return
  document.getElementById(id).value = await file.text()
})
