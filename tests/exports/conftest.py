"""What tests of exports share: the browser of the desk's tests."""

from tests.desk.conftest import browser as browser
