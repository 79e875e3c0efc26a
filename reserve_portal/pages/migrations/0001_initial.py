import django.core.validators
import reserve_portal.core.clock
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Material',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='Название')),
                ('kind', models.CharField(choices=[('methodical', 'методические материалы'), ('questions', 'примерные вопросы и задания'), ('analytic', 'аналитика и отчёты'), ('document', 'нормативные документы')], max_length=12, verbose_name='Раздел')),
                ('description', models.TextField(blank=True, verbose_name='О чём')),
                ('file', models.FileField(help_text='PDF или документ Word, Excel, PowerPoint, LibreOffice, до 50 МБ.', upload_to='materials/%Y/', validators=[django.core.validators.FileExtensionValidator(('pdf', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp'))], verbose_name='Файл')),
                ('size', models.PositiveIntegerField(default=0, editable=False, verbose_name='Размер, байт')),
                ('published_on', models.DateField(default=reserve_portal.core.clock.today, verbose_name='Дата')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='Порядок')),
                ('is_published', models.BooleanField(default=True, verbose_name='Опубликован')),
            ],
            options={
                'verbose_name': 'Материал',
                'verbose_name_plural': 'Материалы',
                'ordering': ['kind', 'order', '-published_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='NewsItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='Заголовок')),
                ('body', models.TextField(help_text='Абзацы отделяйте пустой строкой; строка с «— » станет пунктом списка, с «## » — подзаголовком.', verbose_name='Текст')),
                ('published_on', models.DateField(default=reserve_portal.core.clock.today, verbose_name='Дата')),
                ('is_published', models.BooleanField(default=True, verbose_name='Опубликована')),
            ],
            options={
                'verbose_name': 'Новость',
                'verbose_name_plural': 'Новости',
                'ordering': ['-published_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PublicPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='Адрес')),
                ('title', models.CharField(max_length=200, verbose_name='Заголовок')),
                ('body', models.TextField(help_text='Абзацы отделяйте пустой строкой; строка с «— » станет пунктом списка, с «## » — подзаголовком.', verbose_name='Текст')),
                ('draft_title', models.CharField(blank=True, max_length=200, verbose_name='Заголовок')),
                ('draft_body', models.TextField(blank=True, help_text='Абзацы отделяйте пустой строкой; строка с «— » станет пунктом списка, с «## » — подзаголовком.', verbose_name='Текст')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='Порядок')),
                ('is_published', models.BooleanField(default=True, verbose_name='Опубликована')),
            ],
            options={
                'verbose_name': 'Страница сайта',
                'verbose_name_plural': 'Страницы сайта',
                'ordering': ['order', 'title'],
            },
        ),
    ]
