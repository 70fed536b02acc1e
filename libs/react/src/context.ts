import type { RepriseClient } from '@reprise/client';
import { createContext, createElement, useContext, type ReactElement, type ReactNode } from 'react';

const ClientContext = createContext<RepriseClient | null>(null);

/** What {@link RepriseProvider} takes. */
export interface RepriseProviderProps {
  client: RepriseClient;
  children?: ReactNode;
}

/** Provides a client to the hooks below it. Create the client once, outside of components. */
export function RepriseProvider({ client, children }: RepriseProviderProps): ReactElement {
  return createElement(ClientContext.Provider, { value: client }, children);
}

/**
 * The client of the nearest {@link RepriseProvider}.
 * @param own overrides it.
 * @throws Error without either.
 */
export function useRepriseClient(own?: RepriseClient): RepriseClient {
  const provided = useContext(ClientContext);
  const client = own ?? provided;
  if (!client) throw new Error('Put the component inside a <RepriseProvider>, or pass it a client.');
  return client;
}
