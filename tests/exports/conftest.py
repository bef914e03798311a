"""The browser fixture of the desk's tests, for the exports."""

from tests.desk.conftest import browser as browser
