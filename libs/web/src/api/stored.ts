/** Reads what this browser stores; `null` also if storage is forbidden. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Stores a text in this browser; `null` deletes it. If storage is forbidden or full, nothing happens. */
export function store(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The page works without it.
  }
}

/** What this browser stores under keys that start with `prefix`: the rest of the key, and the text. */
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

/** Reports what other tabs store or delete (`null`) under keys that start with `prefix`. Never ends. */
export function onStored(prefix: string, listener: (key: string, text: string | null) => void): void {
  addEventListener('storage', ({ key, newValue }) => {
    if (key?.startsWith(prefix)) listener(key.slice(prefix.length), newValue);
  });
}
