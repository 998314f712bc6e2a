// A menu behind a button: few actions that belong to one thing.

import type { ReactNode } from 'react';
import { Header, Menu as AriaMenu, MenuItem, MenuSection, MenuTrigger, Popover } from 'react-aria-components';
import { classNames } from './class-names.ts';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';
import styles from './popover.module.css';

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly icon?: IconName;
  readonly detail?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onAction: () => void;
}

export interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactNode;
  readonly label: string;
  readonly heading?: ReactNode;
  readonly entries: readonly MenuEntry[];
}

export function Menu({ trigger, label, heading, entries }: MenuProps): ReactNode {
  const items = entries.map((entry) => (
    <MenuItem
      key={entry.id}
      id={entry.id}
      textValue={entry.label}
      isDisabled={entry.disabled === true}
      className={classNames(styles.item, entry.danger === true && styles.danger)}
      onAction={entry.onAction}
    >
      {entry.icon !== undefined && <Icon name={entry.icon} />}
      <span className={styles.grow}>{entry.label}</span>
      {entry.detail !== undefined && <span className={styles.detail}>{entry.detail}</span>}
    </MenuItem>
  ));
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={classNames(styles.popover)} offset={6} placement="bottom end">
        <AriaMenu aria-label={label} className={classNames(styles.list)}>
          {heading === undefined ? (
            items
          ) : (
            <MenuSection aria-label={label}>
              <Header className={styles.heading}>{heading}</Header>
              {items}
            </MenuSection>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
