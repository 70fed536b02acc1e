import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { RepriseError } from '@reprise/client';
import { RepriseProvider } from '@reprise/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, type ReactElement } from 'react';
import { Route, Switch } from 'wouter';
import { reprise } from './api/reprise.js';
import { hasAccounts } from './api/session.js';
import { useOtherTabs } from './api/tabs.js';
import { ChatPage } from './chat/chat-page.js';
import { useInterrupted } from './chat/use-interrupted.js';
import { NotFoundPage } from './shell/not-found-page.js';
import { Shell } from './shell/shell.js';
import { colours, theme } from './theme.js';
import { ErrorBoundary } from './ui/error-boundary.js';
import { LateLoader } from './ui/late-loader.js';

const AdminPage = lazy(() => import('./admin/admin-page.js'));
const AccountPage = lazy(() => import('./people/account-page.js'));
const PeoplePage = lazy(() => import('./people/people-page.js'));
const DebugPage = lazy(() => import('./debug/debug-page.js'));
const DocumentsPage = lazy(() => import('./documents/documents-page.js'));

/** One route for the new chat and all others, because the page stays mounted when the new chat gets its address. */
const CHATS = /^\/(?:chats\/(?<chatId>[^/]+))?\/?$/;

const MOST_RETRIES = 1;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // The client has already retried.
      retry: (count, error) => count < MOST_RETRIES && error instanceof RepriseError && error.retryable,
    },
    mutations: { networkMode: 'always' },
  },
});

/** The page: providers, shell, routes. The server knows the routes as well (`src/web`). */
export function App(): ReactElement {
  useOtherTabs(queries);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={colours} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <RepriseProvider client={reprise}>
          <ModalsProvider>
            <Notifications position="top-center" />
            <Shell>
              <ErrorBoundary>
                <Suspense fallback={<LateLoader />}>
                  <Routes />
                </Suspense>
              </ErrorBoundary>
            </Shell>
          </ModalsProvider>
        </RepriseProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Routes(): ReactElement {
  useInterrupted();
  return (
    <Switch>
      <Route path={CHATS}>{({ chatId }) => <ChatPage chatId={chatId ?? null} />}</Route>
      <Route path="/documents">
        <DocumentsPage />
      </Route>
      {hasAccounts && (
        <Route path="/account">
          <AccountPage />
        </Route>
      )}
      {hasAccounts && (
        <Route path="/admin/people">
          <PeoplePage />
        </Route>
      )}
      <Route path="/admin/:section?">{({ section }) => <AdminPage section={section ?? 'runs'} />}</Route>
      <Route path="/debug/:messageId">
        {({ messageId }) => <DebugPage key={messageId} messageId={messageId} />}
      </Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  );
}
