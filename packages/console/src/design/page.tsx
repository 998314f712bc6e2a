// The parts that pages are laid out from: the head with its title and actions, panels, figures, lists of facts.

import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import styles from './page.module.css';

export interface PageProps {
  readonly title: ReactNode;
  /** The tab's title, when `title` is more than text. */
  readonly name?: string;
  /** Beside the title: a pill, an id. */
  readonly beside?: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** A list that fills the height of the window and scrolls in itself. */
  readonly full?: boolean;
  readonly children: ReactNode;
}

/** A page: sets the tab's title, and puts the head over the content. */
export function Page({ title, name, beside, lead, actions, full = false, children }: PageProps): ReactNode {
  const tabTitle = name ?? (typeof title === 'string' ? title : 'Waxwing');
  useEffect(() => {
    document.title = tabTitle === 'Waxwing' ? tabTitle : `${tabTitle} · Waxwing`;
  }, [tabTitle]);
  return (
    <div className={classNames(styles.page, full && styles.full)}>
      <header className={styles.head}>
        <div className={styles.names}>
          <div className={styles.line}>
            <h1 className={styles.title}>{title}</h1>
            {beside}
          </div>
          {lead !== undefined && <div className={styles.lead}>{lead}</div>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export interface PanelProps {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  /** No padding inside: for tables and plots that go to the edge. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Panel({ title, actions, flush = false, children }: PanelProps): ReactNode {
  return (
    <section className={styles.panel}>
      {(title !== undefined || actions !== undefined) && (
        <header className={styles.panelHead}>
          <h2 className={styles.panelTitle}>{title}</h2>
          {actions}
        </header>
      )}
      <div className={flush ? undefined : styles.panelBody}>{children}</div>
    </section>
  );
}

export interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly unit?: string;
  readonly detail?: ReactNode;
  readonly tone?: 'good' | 'warn' | 'bad';
}

/** A number that matters, with its name. Put several into `<Figures>`. */
export function Figure({ label, value, unit, detail, tone }: FigureProps): ReactNode {
  return (
    <div className={styles.figure}>
      <dt className={styles.figureLabel}>{label}</dt>
      <dd className={classNames(styles.figureValue, tone !== undefined && styles[tone])}>
        {value}
        {unit !== undefined && <span className={styles.unit}> {unit}</span>}
      </dd>
      <dd className={styles.figureDetail}>{detail}</dd>
    </div>
  );
}

export function Figures({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className={styles.figures}>{children}</dl>;
}

/** Names and values under each other: an endpoint's settings, an event's facts. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }): ReactNode {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Controls in one line above a list; they wrap where there is no room. */
export function FilterBar({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={styles.filters}>{children}</div>;
}

/** Panels beside each other where there is room. */
export function Columns({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className={styles.columns}>{children}</div>;
}
