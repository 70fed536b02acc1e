/** The part of a browser that is needed here. */
interface Page {
  document?: EventTarget & { readonly visibilityState: string };
  addEventListener?: EventTarget['addEventListener'];
}

/** Whether somebody can see this tab: a hidden, frozen or cached one needs no stream. */
export class Presence {
  private readonly page = globalThis as Page;
  private isPutAway = false;
  private readonly listeners = new Set<() => void>();

  constructor() {
    const { document } = this.page;
    document?.addEventListener('visibilitychange', this.tell);
    document?.addEventListener('freeze', this.putAway);
    document?.addEventListener('resume', this.bringBack);
    // A page that enters the back/forward cache and returns from it.
    this.page.addEventListener?.('pagehide', this.putAway);
    this.page.addEventListener?.('pageshow', this.bringBack);
  }

  /** Always true outside of pages. */
  get isShown(): boolean {
    return !this.isPutAway && this.page.document?.visibilityState !== 'hidden';
  }

  /** @returns a function that stops listening. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when the tab is shown, or the signal aborted. */
  async shown(signal: AbortSignal): Promise<void> {
    if (this.isShown || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!this.isShown && !signal.aborted) return;
        stop();
        signal.removeEventListener('abort', check);
        resolve();
      };
      const stop = this.onChange(check);
      signal.addEventListener('abort', check);
    });
  }

  private readonly tell = (): void => {
    for (const listener of this.listeners) listener();
  };

  private readonly putAway = (): void => {
    this.isPutAway = true;
    this.tell();
  };

  private readonly bringBack = (): void => {
    this.isPutAway = false;
    this.tell();
  };
}
