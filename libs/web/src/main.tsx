import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './global.css';
import { StrictMode, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { hasAccounts, visitor } from './api/session.js';
import { App } from './app.js';
import { followSignOuts } from './people/sign-out.js';
import { JoinPage } from './people/join-page.js';
import { SignInPage } from './people/sign-in-page.js';
import { SignedOut } from './shell/signed-out.js';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root.');

function Page(): ReactElement {
  if (hasAccounts && location.pathname.replace(/\/$/, '') === '/join') return <JoinPage />;
  if (visitor.kind === 'anybody' || visitor.kind === 'user') return <App />;
  return hasAccounts && visitor.kind === 'nobody' ? <SignInPage /> : <SignedOut visitor={visitor} />;
}

if (hasAccounts) followSignOuts();
createRoot(root).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
