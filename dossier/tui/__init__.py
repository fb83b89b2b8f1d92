"""The full-screen view: pages, dialogs and widgets over the same services as the command line."""
