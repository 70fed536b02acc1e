import { Button, Pagination } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useAccounts } from '../api/people.js';
import { isAdmin } from '../api/session.js';
import { NotFoundPage } from '../shell/not-found-page.js';
import { PageHeader } from '../shell/page-header.js';
import { LateLoader } from '../ui/late-loader.js';
import { LoadError } from '../ui/load-error.js';
import { useTitle } from '../ui/use-title.js';
import { InvitationsSection } from './invitations-section.js';
import { PersonRow } from './person-row.js';
import { addressOf, Secret } from './secret.js';
import classes from './people.module.css';

/** For administrators: who has an account, and who is invited. */
export default function PeoplePage(): ReactElement {
  useTitle('People');
  if (!isAdmin) return <NotFoundPage />;
  return (
    <>
      <PageHeader title="People" />
      <div className={classes.scroller}>
        <div className={classes.column}>
          <InvitationsSection />
          <AccountsSection />
        </div>
      </div>
    </>
  );
}

function AccountsSection(): ReactElement {
  const [page, setPage] = useState(1);
  const [reset, setReset] = useState<{ name: string; path: string } | null>(null);
  const list = useAccounts(page);
  if (list.error && !list.data) return <LoadError error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <LateLoader />;
  return (
    <section className={classes.section} aria-labelledby="accounts">
      <h2 id="accounts">Accounts</h2>
      {reset && (
        <>
          <p>Give this link to {reset.name}. It sets a new password, once, within a day.</p>
          <Secret label="Link to set a new password" text={addressOf(reset)} />
          <div>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setReset(null);
              }}
            >
              Done
            </Button>
          </div>
        </>
      )}
      <ul className={classes.list} aria-label="Accounts">
        {list.data.items.map((account) => (
          <PersonRow key={account.user_id} account={account} onReset={setReset} />
        ))}
      </ul>
      {list.data.total_pages > 1 && (
        <Pagination total={list.data.total_pages} value={page} onChange={setPage} size="sm" />
      )}
    </section>
  );
}
