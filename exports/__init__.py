"""What leaves: reports, the home folder, pages, mails."""
