import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useTitle } from '../ui/use-title.js';
import states from '../ui/states.module.css';
import { PageHeader } from './page-header.js';

/** An address without a page. */
export function NotFoundPage(): ReactElement {
  useTitle('Not found');
  return (
    <>
      <PageHeader title="Not found" />
      <div className={states.state}>
        <h2>This page does not exist</h2>
        <p>The address may be misspelt, or its target may have been deleted.</p>
        <Button component={Link} href="/" size="xs" variant="default">
          New chat
        </Button>
      </div>
    </>
  );
}
