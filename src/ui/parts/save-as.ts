// Hands data to the browser's download. The data came from the API with a token, so a plain link cannot be used.

export function saveAs(data: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  // By then the browser has copied the data.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
