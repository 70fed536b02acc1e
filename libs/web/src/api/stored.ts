/** Reads what this browser keeps; `null` also where storage is forbidden. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a text in this browser; `null` forgets it. Where storage is forbidden or full, nothing happens. */
export function store(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The page works without.
  }
}

/** What this browser keeps under keys that begin with `prefix`: the rest of the key, and the text. */
export function storedUnder(prefix: string): [string, string][] {
  try {
    const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '');
    return keys
      .filter((key) => key.startsWith(prefix))
      .map((key) => [key.slice(prefix.length), localStorage.getItem(key) ?? '']);
  } catch {
    return [];
  }
}

/** Tells of what other tabs keep or forget (`null`) under keys that begin with `prefix`. Never ends. */
export function onStored(prefix: string, listener: (key: string, text: string | null) => void): void {
  addEventListener('storage', ({ key, newValue }) => {
    if (key?.startsWith(prefix)) listener(key.slice(prefix.length), newValue);
  });
}
